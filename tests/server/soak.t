# Many requests: no error, no zombie, and nothing that grows in master and
# generation.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Load;
use Prong::Process;

my $file = write_file('www/1k.txt', 'x' x 1024);
my $daemon = start(config('max_connections_per_client = 0; max_requests = 0; access_log = "'
    . folder('log') . '/access.log"; sites = ( { routes = ( { path = "/"; '
    . 'static = { root = "' . folder('www') . '"; }; } ); } );'));
my ($generation) = Prong::Process::children($daemon->pid);

sub load {
	return Prong::Load->run('-c', 64, '-b', $file, '-p', '/1k.txt', @_,
	    $daemon->address);
}

sub rest {
	wait_until { !Prong::Process::children($generation) }
	    'the end of all connections';
}

sub measure {
	my ($pid) = @_;
	my %open = Prong::Process::descriptors($pid);
	return { descriptors => scalar keys %open,
	    private => Prong::Process::private_kib($pid),
	    unshared => Prong::Process::unshared_kib($pid),
	    shared => Prong::Process::shared_kib($pid) };
}

# What is touched once is touched by these.
load('-n', 1000);
load('-n', 1000, '-k');
rest();
my %before = map { $_ => measure($_) } $daemon->pid, $generation;

my $kept = load('-n', 10_000, '-k');
is($kept->{requests}, 10_000, '10,000 requests over kept connections');
is($kept->{errors}, 0, 'no error') or diag($kept->{line});
is($kept->{connections}, 64, 'of which there were 64');
my $new = load('-n', 10_000);
is($new->{requests}, 10_000, '10,000 requests with a connection each');
is($new->{errors}, 0, 'no error') or diag($new->{line});
note($_->{line}) for $kept, $new;

rest();
is_deeply([ map { Prong::Process::zombies($_) } $daemon->pid, $generation ],
    [], 'there is no zombie');
is_deeply([ Prong::Process::children($daemon->pid) ], [ $generation ],
    'the generation is the same');
for my $pid ($daemon->pid, $generation) {
	my $name = $pid == $generation ? 'generation' : 'master';
	my ($then, $now) = ($before{$pid}, measure($pid));
	is($now->{descriptors}, $then->{descriptors},
	    "the $name has as many descriptors as before");
	cmp_ok($now->{$_} - $then->{$_}, '<=', 512,
	    "its $_ memory has not grown") for qw(private unshared);
	# A slot that was not used before touches a page of the scoreboard, one of
	# its ring, and one for a statement: three times 64 in all. The generation's
	# own ring has 1 MiB, all of which it uses in time.
	cmp_ok($now->{shared} - $then->{shared}, '<=', 3 * 128 * 4 + 1024,
	    'and its shared memory by what slots and rings have');
	note(join ' ', map { "$_ $then->{$_} $now->{$_}" } sort keys %$now);
}
sub lines_of_log {
	return scalar(() = read_file(folder('log') . '/access.log') =~ /\n/g);
}

# The last ones come within some 100 ms.
eval { wait_until { lines_of_log() >= 22_000 } };
is(lines_of_log(), 22_000, 'the access log has a line for each request');
unlike($daemon->log, qr/error|warning/, 'nothing in the log is amiss');
is($daemon->stop, 0, 'the daemon stops');
done_testing;
