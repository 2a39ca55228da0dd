# Few addresses with very many connections: an honest client is served every
# time, whatever the others do with theirs. PRONG_SOAK=1 has the numbers of a real
# attack: three addresses with 900 connections each, for each kind.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Poll qw(POLLIN POLLOUT POLLHUP POLLERR);
use IO::Socket::INET;
use Socket qw(SOCK_STREAM);
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Hostile;

my $soak = $ENV{PRONG_SOAK};
my $each = $soak ? 900 : 40;
my $seconds = $soak ? 20 : 2;
my $abi = Prong::Hostile::landlock_abi();

write_file('www/index.html', "hello\n");
truncate write_file('www/big', ''), 64 << 20;

# What each kind sends at first, and then every half second; whether it reads.
my %kinds = (
	silent => [ '', '', 1 ],
	idle => [ Prong::request('GET', '/'), '', 1 ],
	head => [ "GET / HTTP/1.1\r\nHost: x\r\n", "a: b\r\n", 1 ],
	body => [ "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
	    . "\r\n", 'x' x 400, 1 ],
	reader => [ Prong::request('GET', '/big'), '', 0 ],
);

sub open_one {
	my ($from, $port) = @_;
	return IO::Socket::INET->new(Type => SOCK_STREAM, LocalAddr => $from,
	    PeerAddr => '127.0.0.1', PeerPort => $port, Blocking => 0,
	    Timeout => undef);
}

# Holds so many connections from that address, and opens each that is closed
# anew, until it is killed.
sub hold {
	my ($from, $port, $first, $more, $reads) = @_;
	my $poll = IO::Poll->new;
	my (%begun, $next);
	$SIG{PIPE} = 'IGNORE';
	$next = time + 0.5;
	while (1) {
		for my $n (keys(%begun) + 1 .. $each) {
			my $socket = open_one($from, $port) or last;
			$begun{fileno $socket} = $socket;
			$poll->mask($socket => POLLOUT);
		}
		$poll->poll(0.1);
		for my $socket ($poll->handles(POLLIN | POLLOUT | POLLHUP
		    | POLLERR)) {
			my $got = 1;
			my $events = $poll->events($socket);
			if ($events & POLLOUT) {
				syswrite $socket, $first if length $first;
				$poll->mask($socket => $reads ? POLLIN : POLLHUP);
			} elsif ($events & POLLIN) {
				$got = sysread $socket, my $waste, 65536;
			}
			next unless !$got || $events & (POLLHUP | POLLERR);
			$poll->remove($socket);
			delete $begun{fileno $socket};
			close $socket;
		}
		next if time < $next;
		$next = time + 0.5;
		for my $socket (values %begun) {
			syswrite $socket, $more if length $more;
			sysread $socket, my $little, 64 unless $reads;
		}
	}
}

sub attack {
	my ($daemon, $kind) = @_;
	my @pids;
	for my $n (1 .. 3) {
		my $pid = fork // die "fork: $!";
		if ($pid == 0) {
			hold("127.0.1.$n", $daemon->port, @{$kinds{$kind}});
			require POSIX;
			POSIX::_exit(0);
		}
		push @pids, $pid;
	}
	return @pids;
}

# Asks again and again; the times in ms of those served, and what else came.
sub honest {
	my ($daemon) = @_;
	my $until = time + $seconds;
	my (@times, %wrong);
	while (time < $until || @times < 10) {
		my $begun = time;
		my $answer = eval {
			my $client = $daemon->connect(undef, '127.0.0.50');
			my $answer = $client->request('GET', '/');
			$client->close;
			$answer;
		};
		my $got = $answer ? $answer->{status} : "nothing: $@";
		push @times, 1000 * (time - $begun) if $got eq '200';
		$wrong{$got}++ unless $got eq '200';
		last if %wrong;
		sleep 0.03;
	}
	return ([ sort { $a <=> $b } @times ], \%wrong);
}

sub try_kind {
	my ($title, $settings, $kind, $most_ms) = @_;
	my $daemon = start(config("access_log = \"off\"; "
	    . "$settings\nsites = ( { routes = ( { path = \"/\"; "
	    . 'static = { root = "' . folder('www') . '"; }; }, { path = '
	    . '"/echo"; echo = { }; } ); } );'));
	my @pids = attack($daemon, $kind);
	wait_until { $daemon->connections >= ($soak ? 500 : 57) }
	    'the attack to be there';
	my ($times, $wrong) = honest($daemon);
	kill 'KILL', @pids;
	waitpid $_, 0 for @pids;
	is_deeply($wrong, {}, "$title, $kind: the honest client is served "
	    . 'every time');
	my $p99 = $times->[int(@$times * 0.99)] // 1e9;
	diag sprintf '%s, %s: %d served, median %.0f ms, 99%% %.0f ms', $title,
	    $kind, scalar @$times, $times->[@$times / 2], $p99 if $soak;
	cmp_ok($p99, '<', $most_ms, "$title, $kind: and soon");
	is($daemon->stop, 0, 'the daemon stops');
	unlike($daemon->log, qr/was ended by signal/,
	    "$title, $kind: the log has no crash");
	return;
}

for my $kind (sort keys %kinds) {
	try_kind('as shipped', '', $kind, 200) if $soak;
	# Here all places are taken. The honest client waits in the backlog behind
	# some hundred connections of the others, which come again at once.
	try_kind('without a ceiling for clients', ($soak ? '' :
	    'max_connections = 60;') . ' max_connections_per_client = 0;',
	    $kind, $soak ? 1500 : 3000);
}

# The connections of a hostile handler claim whatever they like, and hear no
# signal. Only those of their own client end.
sub try_liars {
	my ($mode, $state) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    settings => 'max_connections = 30; max_connections_per_client = 0; '
	    . 'stop_grace = "100 ms";');
	my @liars;
	for (1 .. 24) {
		my $client = $world->{daemon}->connect(undef, '127.0.0.2');
		$client->send(Prong::request('GET',
		    "/hostile?do=claim&with=$state"));
		push @liars, $client;
	}
	wait_until { $world->{daemon}->connections >= 25 }
	    'the liars to be there';
	my @others = map { my $client = $world->{daemon}->connect(undef,
	    "127.0.0.$_");
	    $client->request('GET', '/known'); $client } 60 .. 75;
	is(scalar(grep { my $answer = eval { $_->request('GET', '/known') };
	    $answer && $answer->{status} == 200 } @others), 16,
	    "$mode: 16 others are served beside 24 who claim $state");
	is_deeply([ $world->honest ], [],
	    "$mode: an older connection lives on beside them");
	$_->close for @liars, @others;
	is($world->stop, 0, "$mode: the daemon stops");
	return;
}

# An idle connection behind a guardian ends when it is told to, and is not killed.
sub try_guarded {
	my $world = Prong::Hostile->start(mode => 'on', handler => 'hostile_free',
	    settings => 'max_connections = 30; max_connections_per_client = 0;');
	my @idle = map { $world->{daemon}->connect(undef, '127.0.0.2') } 1 .. 24;
	$_->request('GET', '/hostile?do=stat&with=/') for @idle;
	my @others = map { my $client = $world->{daemon}->connect(undef,
	    "127.0.0.$_");
	    $client->request('GET', '/known'); $client } 60 .. 75;
	wait_until { grep { defined sysread $_->socket, my $octet, 1 } @idle }
	    'the end of an idle connection';
	$world->settle_log;
	like($world->{daemon}->log, qr/the longest idle connection ends/,
	    'guarded idle connections end for those who have fewer');
	$_->close for @idle, @others;
	is($world->stop, 0, 'the daemon stops');
	unlike($world->{daemon}->log, qr/was told to end and did not/,
	    'and none had to be killed for that');
	return;
}

SKIP: {
	skip "this kernel has Landlock ABI $abi", 1 if $abi < 6;
	try_guarded();
	# Of enum scoreboard_state, and beyond.
	try_liars('on', $_) for 1 .. 4, 77;
}

done_testing;
