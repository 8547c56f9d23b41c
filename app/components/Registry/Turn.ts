import { defineComponent, type SlotsType } from 'vue'

/**
 * What is inside comes alive in a task of its own, so that the browser can answer and paint in between. Nothing of a page is told
 * that it is there before all of it is alive: until then everything shows what the server showed. Afterwards this does nothing.
 */
export default defineComponent({
  name: 'RegistryTurn',
  // What a parent gives belongs to what is inside.
  inheritAttrs: false,
  slots: Object as SlotsType<{ default: object }>,
  setup(_, { slots }) {
    const render = () => slots.default?.({})
    // The server waits as well, for nothing: Vue counts ids anew behind what waits, and both have to count alike.
    if (import.meta.server) return Promise.resolve(render)
    return useNuxtApp().isHydrating ? new Promise<typeof render>(resolve => setTimeout(resolve, 0, render)) : render
  },
})
