import Fleet
import Foundation

/// Asks a service on its own host for a page, in one round trip. Needs perl-base, which every Debian has.
struct PageScript: Sendable {
    let request: WebRequest

    init(_ request: WebRequest) { self.request = request }

    /// Prints the answer in base 64, up to 256 KiB of it; `-` and a reason where there is none.
    var script: String {
        let words = [request.address, "\(request.port)", request.head].map(RemoteCommand.quote)
        return "perl -MIO::Socket::IP -MMIME::Base64 -e \(RemoteCommand.quote(Self.asking)) "
            + words.joined(separator: " ")
    }

    private static let asking = #"""
        my ($host, $port, $head) = @ARGV;
        my ($answer, $whole) = ("", 262144);
        eval {
          local $SIG{ALRM} = sub { die "no answer within 3 s\n" };
          alarm 3;
          my $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Type => SOCK_STREAM)
            or die "no connection: $!\n";
          print $s $head;
          $s->flush;
          while (length $answer < 262144 and sysread $s, my $part, 65536) { $answer .= $part }
          1;
        } or print "- $@" and exit 0;
        print encode_base64($answer, "");
        """#

    /// The answer that ``script`` printed.
    static func answer(_ text: String) -> Result<WebPage, WebFailure> {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        if line.hasPrefix("- ") {
            return .failure(WebFailure(String(line.dropFirst(2).prefix(200)), mayHaveArrived: true))
        }
        guard let data = Data(base64Encoded: line), let page = WebPage([UInt8](data)) else {
            return .failure(WebFailure(line.isEmpty ? "nothing" : "the answer is not HTTP", mayHaveArrived: true))
        }
        return .success(page)
    }
}
