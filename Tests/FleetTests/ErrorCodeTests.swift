import Fleet
import Testing

/// Which failures leave a host out, and which only fail what was asked of it.
@Suite struct ErrorCodeTests {
    @Test(arguments: [
        (TransportError.Code.unreachable, true), (.connectionLost, true), (.hostKeyUnknown, true), (.unknownHost, true),
        (.badAnswer, false), (.outputTooLong, false), (.internal, false), (.cancelled, false), (.becomeFailed, false),
    ])
    func whatMeansThatAHostIsOutOfReach(_ code: TransportError.Code, _ isOutOfReach: Bool) throws {
        #expect(TransportError(code, host: try HostName("h1"), "gone").meansUnreachable == isOutOfReach)
    }

    @Test func eachCodeHasANameOfItsOwn() {
        let transport: [TransportError.Code] = [
            .badAnswer, .internal, .unknownHost, .outputTooLong, .cancelled, .unreachable,
        ]
        #expect(Set(transport.map(\.description)).count == transport.count)
        let traffic: [TrafficError.Code] = [.unreachable, .refused, .unhealthy, .notApplied, .fenced, .cancelled]
        #expect(
            traffic.map(\.description) == [
                "unreachable", "refused", "unhealthy", "notApplied", "fenced", "cancelled",
            ])
    }

    @Test func theSubjectIsTheHostOrTheBalancer() throws {
        #expect(TransportError(.timedOut, host: try HostName("ap1"), "late").subject == "ap1")
        #expect(TrafficError(.refused, balancer: try HostName("lb1"), "no").subject == "lb1")
    }
}
