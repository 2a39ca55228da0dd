# Penalties for crashes: they fall on the client whose requests crash a handler,
# for the routes of that handler, whatever a broken connection says of itself.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $abi = Prong::Hostile::landlock_abi();

# Nobody waits for the end of such a penalty.
my %settings = (handler => 'hostile', penalty => '5 min');

# Whose crashes have been counted by then is in the log: each crash is a line.
sub crashes_logged {
	my ($world) = @_;
	my $log = $world->{daemon}->log;
	my $count = () = $log =~ /was ended by signal/g;
	return $count;
}

# A request of its own connection from that address; its status, '' for none.
sub ask_from {
	my ($world, $from, $target) = @_;
	my $client = $world->{daemon}->connect(undef, $from);
	my $answer = eval { $client->request('GET', $target) };
	$client->close;
	return $answer ? $answer->{status} : '';
}

# Makes so many crashes from there, and waits until they are counted.
sub crash {
	my ($world, $from, $target, $times) = @_;
	my $before = crashes_logged($world);
	for my $n (1 .. $times) {
		ask_from($world, $from, $target);
		wait_until { crashes_logged($world) >= $before + $n }
		    'a crash to be counted';
	}
	return;
}

sub penalties_logged {
	my ($world) = @_;
	return () = $world->{daemon}->log =~ /is refused for/g;
}

my $fine = '/hostile?do=reallocate';

# Clients from that address and from others, after the penalty.
sub is_held {
	my ($world, $from, $title) = @_;
	is(ask_from($world, $from, $fine), 503, "$title: it is refused the handler");
	is(ask_from($world, $from, '/known'), 200, "$title: not another route");
	is(ask_from($world, $from, '/status'), 200, "$title: nor a third");
	is(ask_from($world, '127.0.0.99', $fine), 200,
	    "$title: another client is served by the handler");
	return;
}

sub try_plain {
	my ($world, $mode) = @_;
	my @kept = map { my $client = $world->{daemon}->connect(undef,
	    '127.0.0.2');
	    $client->request('GET', $_ % 2 ? '/known' : $fine); $client }
	    1 .. 50;
	crash($world, '127.0.0.2', '/hostile?do=null', 3);
	is_held($world, '127.0.0.2', "$mode: a client that crashes");
	my $client = $world->{daemon}->connect(undef, '127.0.0.2');
	my $answer = $client->request('GET', $fine);
	like($answer->field('Retry-After'), qr/\A(?:300|29\d)\z/,
	    "$mode: the response has Retry-After");
	like($answer->{body},
	    qr/Requests from your address crash this handler.* \d+ s/,
	    "$mode: and says why, and for how long");
	$answer = $client->request('GET', '/known');
	is($answer && $answer->{status}, 200,
	    "$mode: the connection goes on with another route");
	my (%refused, %served);
	for (@kept) {
		my $answer = eval { $_->request('GET', $fine) };
		$refused{$answer ? $answer->{status} : 'none'}++;
		$answer = eval { $_->request('GET', '/known') };
		$served{$answer ? $answer->{status} : 'none'}++;
		$_->close;
	}
	is_deeply(\%refused, { 503 => 50 },
	    "$mode: 50 connections that are older are held, too");
	is_deeply(\%served, { 200 => 50 }, "$mode: and go on elsewhere");
	return;
}

# What it calls itself when it crashes.
my @names = ('static', 'status', '', 'nobody', 'x' x 64, "\xff" x 40,
    'hostile%s%n');

sub try_forged {
	my ($world, $mode) = @_;
	my $address = 10;
	for my $name (@names) {
		my $from = '127.0.0.' . $address++;
		crash($world, $from, '/hostile?do=forge_handler&with='
		    . Prong::Hostile::escape($name), 3);
		is_held($world, $from, "$mode: who crashes as \""
		    . Prong::Hostile::escape($name) . '"');
	}
	crash($world, '127.0.0.3', '/hostile?do=forge_client&with=127.0.0.99',
	    3);
	is_held($world, '127.0.0.3', "$mode: who crashes as another client");
	return;
}

sub try_table {
	my ($world, $mode) = @_;
	my $from = '127.0.0.4';
	my $client = $world->{daemon}->connect(undef, $from);
	is($client->request('GET', '/hostile?do=open_penalties')->{body},
	    "EACCES\n", "$mode: the table cannot be made writable");
	crash($world, '127.0.0.5', "/hostile?do=write_penalties&with=$_", 1)
	    for 'shown', 'own';
	pass("$mode: who writes to the table ends");
	$client = $world->{daemon}->connect(undef, $from);
	is($client->request('GET', '/hostile?do=replace_penalties')->{status},
	    200, "$mode: who forgets the table");
	crash($world, $from, '/hostile?do=null', 3);
	is_held($world, $from, "$mode: forgets it alone");
	return;
}

# Many crashes of one client beside many requests of others.
sub try_storm {
	my ($world, $mode) = @_;
	my %got;
	for my $n (1 .. 40) {
		my $evil = $world->{daemon}->connect(undef, '127.0.0.6');
		$evil->send(Prong::request('GET', '/hostile?do=null'));
		$got{ask_from($world, '127.0.0.' . (100 + $n), $fine)}++;
		$evil->close;
	}
	is_deeply(\%got, { 200 => 40 },
	    "$mode: in a storm of crashes all others are served");
	return;
}

sub try_killed {
	my ($world, $mode) = @_;
	my $before = penalties_logged($world);
	crash($world, '127.0.0.7', '/hostile?do=kill_itself&with=9', 5);
	is(ask_from($world, '127.0.0.7', $fine), 200,
	    "$mode: SIGKILL brings no penalty");
	is(penalties_logged($world), $before, "$mode: nor any in the log");
	return;
}

sub try_mode {
	my ($mode, %more) = @_;
	my $world = Prong::Hostile->start(mode => $mode,
	    $mode eq 'abi2' ? (abi => 2) : (), %settings, %more);
	my $title = $more{user} ? "$mode, an ordinary user" : $mode;
	try_plain($world, $title);
	# Without a sandbox one process serves all routes.
	try_forged($world, $title) unless $mode eq 'off';
	try_table($world, $title);
	try_storm($world, $title);
	try_killed($world, $title);
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

# Behind a proxy each client is named by a header.
sub proxied {
	my ($world, $client, $target) = @_;
	my $proxy = $world->{daemon}->connect(undef, '127.0.0.9');
	$proxy->send("PROXY TCP4 $client 198.51.100.1 4711 80\r\n"
	    . Prong::request('GET', $target));
	my $answer = eval { $proxy->answer('GET') };
	$proxy->close;
	return $answer ? $answer->{status} : '';
}

sub crash_proxied {
	my ($world, $client, $target) = @_;
	for (1 .. 3) {
		my $before = crashes_logged($world);
		proxied($world, $client, $target);
		wait_until { crashes_logged($world) > $before }
		    'a crash to be counted';
	}
	return;
}

sub try_proxy {
	my $world = Prong::Hostile->start(mode => 'on', %settings, settings =>
	    'trusted_proxies = [ "127.0.0.9" ]; proxy_protocol = true;');
	crash_proxied($world, '192.0.2.1', '/hostile?do=null');
	is(proxied($world, '192.0.2.1', $fine), 503,
	    'behind a proxy: the client that crashes is refused');
	is(proxied($world, '192.0.2.1', '/known'), 200, 'this handler alone');
	is(proxied($world, '192.0.2.2', $fine), 200,
	    'and no other client of the proxy');
	crash_proxied($world, '192.0.2.3',
	    '/hostile?do=forge_client&with=192.0.2.4');
	is(proxied($world, '192.0.2.4', $fine), 200,
	    'who crashes as another client brings it no penalty');
	is(proxied($world, '192.0.2.3', $fine), 503, 'but itself');
	crash_proxied($world, '192.0.2.5',
	    '/hostile?do=pass_on_as&with=192.0.2.6&hidden');
	is(proxied($world, '192.0.2.6', $fine), 200,
	    'who hands its connection off as another\'s brings that one none');
	is(proxied($world, '192.0.2.5', $fine), 503, 'but itself');
	is(ask_from($world, '127.0.0.8', $fine), 200, 'clients without a proxy are '
	    . 'served');
	is($world->stop, 0, 'the daemon stops');
	return;
}

# A process that asks for all of these, and then for the last one until it gets the
# status, if there is one; what it gets at last.
sub ask_as_process {
	my ($socket, $wanted, @targets) = @_;
	my ($asked, $last) = (0, $#targets);
	my $pid = open(my $pipe, '-|') // die "fork: $!";
	if ($pid == 0) {
		my $status = '';
		eval { wait_until {
			my $client = Prong::Client->new($socket);
			my $answer = eval { $client->request('GET',
			    $targets[0]) };
			$status = $answer ? $answer->{status} : '';
			$client->close;
			shift @targets if @targets > 1;
			$asked++ >= $last && (!$wanted || $status eq $wanted);
		} };
		syswrite STDOUT, $status;
		require POSIX;
		POSIX::_exit(0);
	}
	my $status = <$pipe>;
	close $pipe;
	return $status // '';
}

sub try_unix {
	my ($workers) = @_;
	my $folder = folder('listen');
	chmod 0777, $folder;
	my $socket = "unix:$folder/socket";
	my $world = Prong::Hostile->start(mode => 'on', %settings,
	    settings => "workers = $workers; "
	    . "listen = [ \"127.0.0.1:0\", \"$socket\" ];");
	my @crash = ('/hostile?do=null') x 3;
	# The last crash may not be counted yet when the next request comes.
	is(ask_as_process($socket, 503, @crash, $fine), 503,
	    "$workers workers: a process that crashes over a Unix socket is "
	    . 'refused');
	is(ask_as_process($socket, undef, $fine), 200,
	    'another process is served over the same socket');
	is($world->stop, 0, 'the daemon stops');
	return;
}

sub try_worn {
	my $world = Prong::Hostile->start(mode => 'on', %settings,
	    crashes => 4);
	crash($world, '127.0.0.7', '/hostile?do=kill_itself&with=9', 4);
	$world->{daemon}->wait_log(qr/generation 2 is ready/);
	pass('SIGKILL counts towards the replacement of the generation');
	$world->{kept}->close;
	is($world->{daemon}->stop, 0, 'the daemon stops');
	return;
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $mode eq 'on' && $abi < 6 || $mode eq 'abi2' && $abi < 2;
		try_mode($mode);
	}
}
SKIP: {
	skip 'this is an ordinary user already', 1 unless running_as_root;
	skip 'there is no setpriv', 1
	    if system 'setpriv --version >/dev/null 2>&1';
	try_mode('on', user => 65534);
}
try_proxy();
try_unix($_) for 0, 2;
try_worn();

done_testing;
