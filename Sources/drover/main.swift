import CLI
import Foundation

exit(await Drover.start(Array(CommandLine.arguments.dropFirst())))
