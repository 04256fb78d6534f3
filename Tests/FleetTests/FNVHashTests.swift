import Fleet
import Testing

/// FNV-1a by its published vectors (draft-eastlake-fnv, appendix C).
@Test(arguments: [
    ("", UInt32(0x811c_9dc5), UInt64(0xcbf2_9ce4_8422_2325)), ("a", 0xe40c_292c, 0xaf63_dc4c_8601_ec8c),
    ("foobar", 0xbf9c_f968, 0x8594_4171_f739_67e8),
])
func hashesAsFNVDoes(_ text: String, _ short: UInt32, _ long: UInt64) {
    #expect(FNVHash.short(text) == short && FNVHash.long(text.utf8) == long)
}
