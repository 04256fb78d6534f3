import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct SharedBuildsAddressTests {
    @Test(arguments: [
        ("builds", "/srv/shop/builds"), ("/net/builds/", "/net/builds"),
        ("../shared//builds", "/srv/shop/../shared/builds"),
        ("ssh://store/srv/builds", "ssh://store/srv/builds"),
        ("ssh://ci@store.example:2222/srv/builds/", "ssh://ci@store.example:2222/srv/builds"),
        ("ssh://[::1]:2222/srv/builds", "ssh://[::1]:2222/srv/builds"), ("ssh://[::1]/b", "ssh://[::1]/b"),
    ])
    func whatIsWrittenIsUnderstood(_ text: String, _ shown: String) throws {
        #expect(try SharedBuildsAddress(text, relativeTo: "/srv/shop").description == shown)
    }

    @Test(arguments: [(".", "builds", "builds"), ("..", "a/b/", "../a/b"), (".", "/net//b", "/net/b")])
    func whatIsBesideTheFileStaysSo(_ base: String, _ text: String, _ shown: String) throws {
        #expect(try SharedBuildsAddress(text, relativeTo: base).description == shown)
    }

    @Test func theHomeFolderIsTheUsersOwn() throws {
        let address = try SharedBuildsAddress("~/builds", relativeTo: "/srv/shop")
        #expect(address.folder == (NSHomeDirectoryForUser(NSUserName()) ?? "") + "/builds")
    }

    @Test(arguments: [
        ("https://store/builds", "builds cannot be 'https://store/builds'"),
        ("ssh://", "does not say which folder of which host"), ("ssh://store", "does not say which folder"),
        ("ssh:///srv/builds", "does not say which folder of which host"), ("ssh://store/", "must have the whole path"),
        ("ssh://store/~/builds", "must have the whole path"), ("ssh://store/srv/../etc", "must have the whole path"),
        ("ssh://store:port/srv", "has no port after the host"), ("ssh://store:0/srv", "has no port after the host"),
        ("ssh://[::1/srv", "has no port after the host"), ("ssh://@store/srv", "has no user's name before '@'"),
        ("ssh://-oProxyCommand=x@store/srv", "has no user's name before '@'"),
        ("ssh://-v/srv", "has a character that no host name has"), ("builds\nmore", "has control characters"),
    ])
    func whatIsNoneIsRefused(_ text: String, _ message: String) {
        let error = #expect(throws: InputError.self) { try SharedBuildsAddress(text, relativeTo: "/srv/shop") }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func aPasswordInItIsRefusedAndNotShown() {
        let error = #expect(throws: InputError.self) {
            try SharedBuildsAddress("ssh://ci:hunter2@store/srv", relativeTo: "/")
        }
        #expect(error?.message == "the address of the builds has a password in it")
        #expect(error?.hints.contains { $0.contains("hunter2") } == false)
    }
}
