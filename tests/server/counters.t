# What the status counts and measures: a clock that is set changes no duration,
# and no counter goes down when generations replace each other.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use JSON::PP;
use POSIX ();
use Test::More;

use Prong;

my $routes = "{ path = \"/status\"; status = { }; },\n"
    . '{ path = "/"; echo = { }; }';

sub status {
	my ($from) = @_;
	return decode_json($from->get('/status?format=json')->{body});
}

subtest 'a clock that is set' => sub {
	plan skip_all => 'a sanitizer wants to be the first library'
	    if Prong::is_sanitized();
	my $library = folder('preload') . '/clock.so';
	copy("$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/clock.so", $library)
	    or die "$library: $!";
	chmod 0644, $library;
	for my $days (10, -10) {
		local %ENV = (%ENV, LD_PRELOAD => $library,
		    PRONG_CLOCK_SECONDS => $days * 86400);
		my $daemon = start(config($routes));
		my $idle = $daemon->connect;
		$idle->request('GET', '/');
		my $s = status($daemon);
		cmp_ok(abs($s->{generation}{started} - $s->{started}), '>',
		    9 * 86400, "$days days: the generation has another clock");
		cmp_ok($s->{uptime}, '<', 3600, 'the uptime is right');
		cmp_ok($s->{generation}{uptime}, '<', 3600,
		    'that of the generation, too');
		cmp_ok($_->{age}, '<', 3600, 'so is the age of a connection')
		    for @{ $s->{table} };
		is($daemon->stop, 0, 'it ends');
	}
};

# The counters, as one flat hash.
sub counters {
	my ($from) = @_;
	my $s = status($from);
	return ('connections' => $s->{connections}{total},
	    'octets sent' => $s->{bytes}{sent},
	    'octets received' => $s->{bytes}{received},
	    'requests' => $s->{requests},
	    'good responses' => $s->{responses}{'2xx'},
	    'lines dropped' => $s->{log}{dropped});
}

# Reads the counters while prong(1) does something: those that have gone down.
sub goes_down {
	my ($daemon, @command) = @_;
	my $generation = status($daemon)->{generation}{number};
	my ($count, %down) = (0);
	my %before = counters($daemon);
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		$daemon->prong(@command);
		POSIX::_exit(0);
	}
	my $ends = 0;
	while ($ends < 20) {
		my %now = counters($daemon);
		$down{$_} = "$before{$_} to $now{$_}"
		    for grep { $now{$_} < $before{$_} } keys %now;
		%before = %now;
		$count++;
		$ends++ if $ends || waitpid($pid, POSIX::WNOHANG()) == $pid;
	}
	cmp_ok(status($daemon)->{generation}{number}, '>', $generation,
	    "@command: another generation serves");
	return %down;
}

subtest 'counters go on' => sub {
	my $daemon = start(config($routes));
	my @kept = map { $daemon->connect } 1 .. 5;
	for my $client (@kept) {
		$client->request('GET', '/') for 1 .. 20;
	}
	for my $command ('reload', 'reload', 'upgrade', 'reload') {
		is_deeply({ goes_down($daemon, $command) }, {},
		    "$command: no counter goes down");
	}
	my %now = counters($daemon);
	cmp_ok($now{requests}, '>=', 100, 'all requests are counted');
	cmp_ok($now{requests}, '<', 100 + 1.5 * $now{connections},
	    'and none twice');
	is($daemon->stop, 0, 'it ends');
};

done_testing;
