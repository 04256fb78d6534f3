import Fleet

extension HostLook {
    /// A command for a POSIX shell that looks at the host for so long, in as many looks a second apart. It needs perl-base, and
    /// no root (`ss` of iproute2 for connections; without it, threads only).
    ///
    /// A connection that the host made and on which it sent something later than it received something waits for an answer; one
    /// that it accepted and on which it received something later than it sent works on one.
    public static func script(seconds: Int) -> String {
        "perl -e \(RemoteCommand.quote(program)) \(min(max(seconds, 1), 600))"
    }

    private static let program = #"""
        use strict; my $seconds = shift; my $looks = 0; $ENV{LC_ALL} = "C"; $| = 1;
        my (%listen, %call);
        sub number { sprintf "%.3f", $_[0] }
        sub threads {
          my %used;
          for my $file (glob "/proc/[0-9]*/task/[0-9]*/stat") {
            open my $handle, "<", $file or next; my $line = <$handle> // next; close $handle;
            $line =~ /^(\d+) \((.*)\) \S (.*)/s or next;
            my ($thread, $name, @rest) = ($1, $2, split / /, $3);
            my ($process) = $file =~ m{/proc/(\d+)/}; $name =~ s/\s+/ /g;
            $used{"$process $thread"} = [$rest[10] + $rest[11], $name];
          }
          \%used
        }
        sub sockets {
          my %now;
          for (`ss -tlnH 2>/dev/null`) {
            my @words = split; my ($port) = ($words[3] // "") =~ /:(\d+)$/ or next;
            my $queue = $listen{$port} ||= [0, $words[2], 0];
            $queue->[0] = $words[1] if $words[1] > $queue->[0];
            $now{$port} = 1;
          }
          my ($own, $other, $port);
          for (`ss -tinH state established 2>/dev/null`) {
            if (/^\s*\d+\s+\d+\s+(\S+):(\d+)\s+(\S+):(\d+)/) { ($own, $other, $port) = ($2, $3, $4); next if !/lastsnd/; }
            next unless defined $other && /\S/ && /:/;
            my ($sent) = /lastsnd:(\d+)/; my ($got) = /lastrcv:(\d+)/; my ($trip) = /\brtt:([\d.]+)/;
            $sent //= 0; $got //= 0;
            if ($listen{$own}) { $listen{$own}[2]++ if $got < $sent; undef $other; next }
            $other =~ s/^\[|\]$|%.*//g; $other =~ s/^::ffff://;
            my $entry = $call{"$other $port"} ||= [0, 0, 0, 0, 0];
            $entry->[0]++; if ($sent < $got) { $entry->[1]++; $entry->[2] += $sent }
            if (defined $trip) { $entry->[3] += $trip; $entry->[4]++ }
            undef $other;
          }
          $looks++;
        }
        my $clock = sub { open my $up, "<", "/proc/uptime"; (split / /, <$up>)[0] };
        my ($before, $began) = (threads(), $clock->());
        for (1 .. $seconds) { sockets() if $looks < 60; select undef, undef, undef, 1 }
        my ($after, $took) = (threads(), $clock->() - $began); $took = 1 if $took <= 0;
        print "A ", join(" ", split " ", `hostname -I 2>/dev/null`), "\n";
        my %busy = map { $_ => ($after->{$_}[0] - $before->{$_}[0]) / 100 / $took } grep { $before->{$_} } keys %$after;
        my @order = grep { $busy{$_} >= 0.01 } sort { $busy{$b} <=> $busy{$a} } keys %busy;
        print "T $_ ", number($busy{$_}), " $after->{$_}[1]\n" for @order[0 .. ($#order < 15 ? $#order : 15)];
        $looks ||= 1;
        print "L $_ $listen{$_}[0] $listen{$_}[1] ", number($listen{$_}[2] / $looks), "\n" for sort { $a <=> $b } keys %listen;
        my @calls = sort { $call{$b}[1] <=> $call{$a}[1] || $call{$b}[0] <=> $call{$a}[0] } keys %call;
        for (@calls[0 .. ($#calls < 63 ? $#calls : 63)]) {
          my $c = $call{$_};
          print "C $_ ", number($c->[0] / $looks), " ", number($c->[1] / $looks), " ",
            ($c->[1] ? number($c->[2] / $c->[1]) : "-"), " ", ($c->[4] ? number($c->[3] / $c->[4]) : "-"), "\n";
        }
        print "end\n";
        """#
}
