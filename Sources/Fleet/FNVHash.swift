/// FNV-1a (draft-eastlake-fnv): short names that follow from long ones. It keeps nothing secret.
public enum FNVHash {
    /// 32 bits of a text's UTF-8.
    public static func short(_ text: String) -> UInt32 {
        text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// 64 bits of bytes.
    public static func long(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }
}
