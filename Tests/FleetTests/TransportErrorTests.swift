import Fleet
import Testing

/// Which failures leave a host out, and which only fail what was asked of it.
@Suite struct TransportErrorTests {
    @Test(arguments: [
        (TransportError.Code.unreachable, true), (.connectionLost, true), (.hostKeyUnknown, true), (.unknownHost, true),
        (.badAnswer, false), (.outputTooLong, false), (.internal, false), (.cancelled, false), (.becomeFailed, false),
    ])
    func whatMeansThatAHostIsOutOfReach(_ code: TransportError.Code, _ isOutOfReach: Bool) throws {
        #expect(TransportError(code, host: try HostName("h1"), "gone").meansUnreachable == isOutOfReach)
    }

    @Test func eachCodeHasANameOfItsOwn() {
        let codes: [TransportError.Code] = [
            .badAnswer, .internal, .unknownHost, .outputTooLong, .cancelled, .unreachable,
        ]
        #expect(Set(codes.map(\.description)).count == codes.count)
    }
}
