import Fleet
import Testing

/// Numbers of bytes.
@Suite struct ByteCountTests {
    @Test(arguments: [
        (ByteCount(0), "0 B"), (ByteCount(-5), "0 B"), (ByteCount(1023), "1023 B"), (.kibibytes(1), "1 KiB"),
        (ByteCount(1_048_575), "1023 KiB"), (.mebibytes(1), "1.0 MiB"), (ByteCount(3_670_016), "3.5 MiB"),
        (.mebibytes(64), "64.0 MiB"), (ByteCount(.max), "8796093022207.9 MiB"),
    ])
    func readAsPeopleWriteThem(_ count: ByteCount, _ text: String) { #expect("\(count)" == text) }

    @Test(arguments: [
        (ByteCount.kibibytes(.max), Int.max), (.mebibytes(.max), .max), (.mebibytes(.min), 0), (.kibibytes(-1), 0),
    ])
    func noNumberIsTooLarge(_ count: ByteCount, _ bytes: Int) { #expect(count.bytes == bytes) }
}
