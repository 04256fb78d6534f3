import CLI
import Foundation

CrashEnding.bePrompt()
let status = await Drover.start(Array(CommandLine.arguments.dropFirst()))
// Without the C library's exit handlers: OpenSSL's frees what the SSH loops' threads are still using. All output has
// been written by then, for nothing is buffered.
_exit(status)
