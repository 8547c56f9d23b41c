import { describe, expect, it } from 'vitest'
import { RegistryError } from '../../../server/errors.ts'
import { assertBearable } from '../../../server/packument/weight.ts'

const MEBIBYTE = 1024 * 1024
const repeat = (text: string, size: number) => Buffer.alloc(size, text)

function isBearable(bytes: Buffer): boolean {
  try {
    assertBearable(bytes, 'x')
    return true
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'UPSTREAM_TOO_LARGE') return false
    throw error
  }
}

describe('the largest document there may be', () => {
  it.each([
    ['versions as they are', '"1.0.0":{"name":"lorem-ipsum","version":"1.0.0","description":"dolor sit amet, consectetur","dependencies":'
    + '{"a":"^1.0.0","b":"^2.0.0"},"dist":{"integrity":"sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==",'
    + '"tarball":"https://npm.example/lorem-ipsum/-/lorem-ipsum-1.0.0.tgz"}},'],
    ['text', '"lorem ipsum dolor sit amet, consectetur adipiscing elit. ",'],
    ['code', '"if (a) { return [b, c] }\\n  const x = { y: \\"{{{{\\", z: 2 }\\n",'],
  ])('is fine when it is made of %s', (_, text) => {
    expect(isBearable(repeat(text, 64 * MEBIBYTE))).toBe(true)
  })

  it.each(['{},', '[],', '{},"\\\\",', '{"9999":0},', '{"a":{}},', '[[[]]],', '{"":{"":{}}},'])('is refused when it is made of %s', (text) => {
    expect(isBearable(repeat(text, 64 * MEBIBYTE))).toBe(false)
  })
})

it('documents a hundredth of that size are always fine', () => {
  expect(isBearable(repeat('{', 640 * 1024))).toBe(true)
})
