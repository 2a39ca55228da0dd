# Requests that crash a handler, two hundred a second and from several
# addresses: honest clients on another route lose nothing, and nobody grows.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Load;
use Prong::Process;

my $seconds = $ENV{PRONG_SOAK} ? 30 : 3;
my $rate = 200;
my $plugins = folder('plugins');
for my $from ("$ENV{PRONG_PLUGINS}/static.so",
    "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/hostile.so") {
	my ($name) = $from =~ m{([^/]+)\z};
	write_file("plugins/$name", Prong::read_file($from));
}
my $file = write_file('www/a.txt', "a\n" x 500);
my $daemon = start(config("plugin_dir = \"$plugins\"; access_log = \"off\"; "
    . 'crash_penalty = "0 s"; max_connections_per_client = 0; sites = ( { '
    . 'routes = ( { path = "/"; static = { root = "' . folder('www')
    . '"; }; }, { path = "/crash"; hostile = { }; } ); } );'));

sub memory_of {
	my ($pid) = @_;
	return (unshared => Prong::Process::unshared_kib($pid),
	    shared => Prong::Process::shared_kib($pid));
}

sub descriptors {
	my %open = Prong::Process::descriptors($_[0]);
	return scalar keys %open;
}

sub generation {
	my @all = Prong::Process::children($daemon->pid);
	return $all[-1];
}

# One of two who crash it, at half the rate; the number of each outcome.
sub storm {
	my ($from) = @_;
	my $pid = open my $pipe, '-|';
	defined $pid or die "fork: $!";
	return $pipe if $pid;
	my %got;
	my $begun = time;
	for my $n (0 .. $rate / 2 * $seconds - 1) {
		my $early = $begun + $n / ($rate / 2) - time;
		sleep $early if $early > 0;
		my $answer = eval { my $client = $daemon->connect(undef,
		    '127.0.0.' . ($from + $n % 5));
		    $client->request('GET', '/crash?do=null') };
		$got{$answer ? $answer->{status} : 'nothing'}++;
	}
	print "$_ $got{$_}\n" for keys %got;
	close STDOUT;
	POSIX::_exit(0);
}

$daemon->get('/a.txt');
my ($master_memory, $master_open) = (Prong::Process::unshared_kib($daemon->pid),
    descriptors($daemon->pid));
my %memory = memory_of(generation());
my $open = descriptors(generation());
my @honest = (Prong::Load->start('-k', '-c', 4, '-s', $seconds, '-b', $file,
    '-p', '/a.txt', $daemon->address), Prong::Load->start('-c', 4, '-s',
    $seconds, '-b', $file, '-p', '/a.txt', $daemon->address));
my @storms = map { storm($_) } 10, 15;
my %got;
for my $pipe (@storms) {
	while (<$pipe>) {
		my ($outcome, $count) = split;
		$got{$outcome} += $count;
	}
}
is_deeply(\%got, { 500 => $rate * $seconds },
    'each of ' . $rate * $seconds . ' crashes is answered 500');
for my $load (@honest) {
	my $result = $load->finish;
	is($result->{errors} + $result->{connect} + $result->{status}
	    + $result->{mismatch}, 0, 'honest clients lose no request')
	    or diag $result->{line};
	cmp_ok($result->{requests}, '>', 8, 'and have several each');
	note $result->{line};
}
$daemon->log_like(qr/generation 1 is replaced: too many handlers crashed/,
    'the generation is replaced by one with another layout of memory');
wait_until { Prong::Process::children($daemon->pid) == 1 }
    'the end of the first one';
is(descriptors($daemon->pid), $master_open,
    'the master has as many descriptors as before');
is(descriptors(generation()), $open, 'and so has the generation');
SKIP: {
	skip 'the sanitizers keep what was freed', 3 if Prong::is_sanitized();
	cmp_ok(Prong::Process::unshared_kib($daemon->pid), '<', $master_memory + 512,
	    "the master has not grown from $master_memory kB");
	my %now = memory_of(generation());
	cmp_ok($now{unshared}, '<', $memory{unshared} + 512,
	    "nor the generation from $memory{unshared} kB");
	# The ring of a generation has 1 MiB; each slot has four pages.
	cmp_ok($now{shared}, '<', $memory{shared} + 1024 + 16 * 64,
	    'but for what rings and slots share');
	note(join ' ', %memory, 'now', %now);
}
is_deeply([ Prong::Process::lasting_zombies(generation()) ], [],
    'no zombie is left');
is($daemon->stop, 0, 'the daemon stops');

done_testing;
