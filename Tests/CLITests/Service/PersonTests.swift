import Testing

@testable import CLI

/// Who a run is said to be by.
@Suite struct PersonTests {
    @Test(arguments: [
        ([:], "jane", "jane"), ([:], "", "nobody"), (["SUDO_USER": "jane"], "root", "jane"),
        (["GITHUB_ACTOR": "octo", "GITHUB_RUN_ID": "17"], "runner", "octo/17"),
        (["GITLAB_USER_LOGIN": "jane", "CI_JOB_ID": "9"], "root", "jane/9"), (["CI_JOB_ID": "9"], "root", "9"),
        (["BUILD_TAG": "jenkins-shop-4"], "jenkins", "jenkins-shop-4"),
        (["GITHUB_ACTOR": "octo"], "jane", "jane"), (["SUDO_USER": ""], "root", "root"),
        (["BUILD_USER_ID": "j@x:y z", "BUILD_TAG": "1"], "root", "j-x-y-z/1"),
    ])
    func isThePersonBehindTheJobElseTheUser(_ environment: [String: String], _ login: String, _ name: String) {
        #expect(Person.name(environment, login: login) == name)
    }
}
