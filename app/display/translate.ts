/**
 * What `t` of vue-i18n does, as far as plain modules need it: the text of a key of ours, with its values put in.
 * Keys are written out where they are used: `t('registry.age.now')`.
 */
export type Translate = (key: string, values?: Record<string, unknown>) => string
