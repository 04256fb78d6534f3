import Fleet
import Testing

@Test(arguments: [
    "ap1", "ap-1.example.org", "10.0.0.1", "fe80::1", "fe80::1%eth0", "root@10.0.0.1", "c++", "héron", "服务器1",
    String(repeating: "a", count: 253),
])
func acceptsHostNames(_ text: String) throws {
    #expect(try HostName(text).description == text)
}

@Test(arguments: [
    "", "a b", "a/b", "-rf", "a\nb", "@a", "a<b>", "a\u{2028}b", "a\u{a0}b", "$HOST",
    String(repeating: "a", count: 254),
])
func refusesWhatIsNoHostName(_ text: String) {
    #expect(throws: InputError.self) { try HostName(text) }
}

@Test func secretsCannotBePrinted() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("hunter2"))
    #expect(secret.reveal() == "hunter2")
}
