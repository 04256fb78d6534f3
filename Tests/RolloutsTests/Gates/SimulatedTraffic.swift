import Fleet
import Foundation
import TestSupport

@testable import Rollouts

/// Requests that arrive by chance at hosts behind balancers, and what HAProxy would have counted of them.
struct SimulatedTraffic {
    /// How a host answers.
    struct Behaviour: Sendable {
        var errorRate = 0.001
        /// Median and spread of lognormal times, in milliseconds.
        var median = 10.0, spread = 0.7
        /// The share of requests that hang for a second, whatever the release.
        var stalls = 0.002
        /// What every request takes besides.
        var delay = 0.0
        /// Its part of the traffic, against the others'.
        var weight = 1.0
    }

    /// Counters of one server on one balancer, kept as HAProxy keeps them.
    private struct Server {
        var answers = [0, 0, 0, 0, 0, 0]
        var sum = 0

        mutating func take(isError: Bool, milliseconds: Int) {
            answers[isError ? 5 : 2] += 1
            let count = answers[2] + answers[5]
            if count > 512 { sum -= (sum + 511) / 512 }
            sum += milliseconds
        }

        var counters: TrafficCounters {
            let count = answers[2] + answers[5]
            let window = max(1, min(512, count))
            return TrafficCounters(answers: answers, chosen: count, responseTime: (sum + window - 1) / window)
        }
    }

    let hosts: [HostName]
    private let balancers: [HostName] = ["lb1", "lb2"].map(host(named:))
    var behaviours: [Behaviour]
    let rate: Double
    private var servers: [[Server]]
    private var dice: Dice

    init(_ behaviours: [Behaviour], rate: Double, _ dice: Dice) {
        hosts = behaviours.indices.map { host(named: "ap\($0 + 1)") }
        (self.behaviours, self.rate, self.dice) = (behaviours, rate, dice)
        servers = Array(repeating: Array(repeating: Server(), count: behaviours.count), count: balancers.count)
    }

    /// Lets time go on.
    mutating func run(for seconds: Double) {
        let weight = behaviours.map(\.weight).reduce(0, +)
        for balancer in servers.indices {
            for host in behaviours.indices {
                let mean = rate * seconds * behaviours[host].weight / weight / Double(servers.count)
                for _ in 0..<poisson(mean) {
                    let behaviour = behaviours[host]
                    let isError = unit() < behaviour.errorRate
                    let time = behaviour.delay + (unit() < behaviour.stalls ? 1000 : lognormal(behaviour))
                    servers[balancer][host].take(isError: isError, milliseconds: Int(time))
                }
            }
        }
    }

    /// One balancer's process begins anew.
    mutating func reload(_ balancer: Int) { servers[balancer] = servers[balancer].map { _ in Server() } }

    var views: [BalancerView] {
        balancers.indices.map { balancer in
            BalancerView(
                balancer: balancers[balancer],
                running: hosts.indices.map { host in
                    RunningMember(
                        host: hosts[host], address: "10.0.0.\(host)", port: 80, state: .up,
                        counters: servers[balancer][host].counters)
                })
        }
    }

    private mutating func unit() -> Double { Double(dice.next() >> 11) / Double(1 << 53) }

    private mutating func normal() -> Double {
        (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
    }

    private mutating func lognormal(_ behaviour: Behaviour) -> Double {
        behaviour.median * exp(behaviour.spread * normal())
    }

    /// Knuth's way for small means, else a rounded normal.
    private mutating func poisson(_ mean: Double) -> Int {
        if mean > 50 { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
        var (count, product) = (0, unit())
        let end = exp(-mean)
        while product > end {
            count += 1
            product *= unit()
        }
        return count
    }
}
