import Testing

@testable import Lab

@Suite struct ControlGroupTests {
    /// `NSpid` has a process's number here, and in each namespace further down.
    @Test(arguments: [
        ("Name:\tsystemd\nNSpid:\t4711\t1\nNSsid:\t1\t1\n", true), ("NSpid:\t4712\t345\n", false),
        ("NSpid:\t4713\t346\t1\n", false), ("NSpid:\t1\n", false), ("", false),
    ])
    func theFirstProcessOfAHostIsNoContainers(status: String, leads: Bool) {
        #expect(ControlGroup.leads(status: status) == leads)
    }
}
