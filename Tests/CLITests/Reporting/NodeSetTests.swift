import Fleet
import Testing

@testable import CLI

@Suite struct NodeSetTests {
    @Test(arguments: [
        ([], ""), (["lb1"], "lb1"), (["ap1", "ap2"], "ap1, ap2"), (["ap1", "ap2", "ap3"], "ap[1-3]"),
        (["ap8", "ap9", "ap10", "ap11"], "ap[8-11]"), (["ap08", "ap09", "ap10"], "ap[08-10]"),
        (["ap8", "ap09", "ap10"], "ap8, ap09, ap10"), (["ap1", "ap2", "ap4", "ap7", "ap8"], "ap[1-2,4,7-8]"),
        (["web001.example.org", "web002.example.org", "web003.example.org"], "web[001-003].example.org"),
        (["a1.dc2", "a2.dc2", "a3.dc2", "a1.dc3"], "a[1-3].dc2, a1.dc3"), (["a3", "a2", "a1"], "a3, a2, a1"),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], "10.0.0.[1-3]"), (["1", "2", "3"], "[1-3]"),
        (["x", "y", "z"], "x, y, z"),
        (["n99999999999999999999", "n1", "n2"], "n99999999999999999999, n1, n2"),
    ])
    func hostsAreDrawnTogether(_ names: [String], _ text: String) throws {
        #expect(NodeSet.text(try names.map { try HostName($0) }) == text)
    }
}
