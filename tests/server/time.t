# The time of a request: what counts of it, and how it ends when the client has
# gone or the generation has.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::IP;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

my $socket = folder('run') . '/socket';
my $has_six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0,
    Listen => 1);
my $six = $has_six ? ', "[::1]:0"' : '';
my $config = config('plugin_dir = "' . Prong::Act::plugin_folder()
    . "\";\nlisten = [ \"127.0.0.1:0\", \"unix:$socket\"$six ];\n" . <<'CONF');
sandbox = "off";
log_level = "info";
access_log = "off";
crash_penalty = "0 s";
max_crashes = 0;
max_body = "64 MiB";
max_request_time = "2 s";
sites = ( { routes = (
  { path = "/act"; act = { }; },
  { path = "/echo"; echo = { }; },
  { path = "/total"; act = { }; max_request_time = "0 s";
    max_request_total = "3 s"; },
  { path = "/gone"; act = { }; max_request_time = "60 s"; gone_grace = "1 s"; },
  { path = "/kept"; act = { }; max_request_time = "60 s"; gone_grace = "0 s"; },
  { path = "/other"; act = { }; max_request_time = "60 s"; gone_grace = "1 s";
    max_open_files = 50; }
); } );
CONF
my $daemon = start($config);
my ($generation) = Prong::Process::children($daemon->pid);

sub steps_of {
	my ($path, @steps) = @_;
	return "$path?do=" . join '%7C', map { s/ /%20/gr } @steps;
}

sub connections {
	return Prong::Process::children($generation);
}

sub settle {
	wait_until { !connections() } 'the end of connections';
}

# A pause as part of what the client sends or takes.
sub pause {
	select undef, undef, undef, $_[0];
}

# Progress: each of these takes more than twice max_request_time, in steps that take
# a quarter of it at most.
{
	my $answer = $daemon->connect->request('GET', steps_of('/act',
	    ('print x', 'flush', 'sleep 500') x 9));
	is($answer->{body}, 'x' x 9, 'events that the client takes have all '
	    . 'the time');
	ok(!$answer->{cut}, 'and end as they should');

	my $client = $daemon->connect;
	$client->send("POST /echo HTTP/1.1\r\nHost: x\r\n"
	    . "Connection: close\r\nContent-Length: 160\r\n\r\n");
	for (1 .. 16) {
		pause(0.3);
		$client->send('y' x 10);
	}
	is($client->answer('POST')->{body}, 'y' x 160,
	    'a slow upload has all the time');

	$client = $daemon->connect;
	setsockopt $client->socket, SOL_SOCKET, SO_RCVBUF, 65536;
	$client->send(Prong::request('GET', steps_of('/act',
	    ('block 4000000') x 5), ['Connection: close']));
	my $began = time;
	# Each wait of the handler is longer than its limit.
	while (time - $began < 7.5) {
		pause(2.5);
		sysread $client->socket, $client->{got}, 4_000_000,
		    length $client->{got} for 1 .. 8;
	}
	my $rest = $client->rest;
	ok(length $rest > 20_000_000 && $rest =~ /\r\n0\r\n\r\n\z/,
	    'a slow download has all the time');
}

# No progress.
for (
	[ 'who sleeps', 'sleep 60000' ],
	[ 'who writes what stays in the buffer', ('print x', 'sleep 700') x 80 ],
) {
	my ($title, @steps) = @$_;
	my $began = time;
	is($daemon->connect->request('GET', steps_of('/act', @steps))
	    ->{status}, 503, "$title gets a 503");
	cmp_ok(time - $began, '>=', 2, 'after its time');
}
$daemon->wait_log(qr{handler act of route /act took more than max_request_time;});
{
	my $answer = $daemon->connect->request('GET', steps_of('/total',
	    ('print x', 'flush', 'sleep 300') x 80));
	ok($answer->{cut}, 'events are cut beyond the total');
	like($answer->{body}, qr/\Ax{2,12}\z/, 'which they had');
	$daemon->wait_log(qr{of route /total took more than max_request_total;});
}
settle();

# Clients that leave. Where nothing else is said, a handler sleeps for longer
# than the test waits.
my @long = ('sleep 100000');

sub reset_connection {
	my ($client) = @_;
	setsockopt $client->socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	$client->close;
}

sub sleeper {
	my ($path, $address, @before) = @_;
	my $client = Prong::Client->new($address);
	$client->send(Prong::request('GET', steps_of($path, @before, @long)));
	return $client;
}

my $gone = qr/has worked for gone_grace since its client left: ended\n/;
my $ends = 0;
for (
	[ 'reset its connection', '/gone', $daemon->address,
	    \&reset_connection ],
	($has_six ? [ 'reset its connection by IPv6', '/gone',
	    ($daemon->addresses)[-1], \&reset_connection ] : ()),
	[ 'reset it after a request in another process', '/other',
	    $daemon->address, \&reset_connection, 'first' ],
	[ 'closed its Unix socket', '/gone', "unix:$socket",
	    sub { $_[0]->close } ],
	[ 'closed its Unix socket after another process', '/other',
	    "unix:$socket", sub { $_[0]->close }, 'first' ],
) {
	my ($title, $path, $address, $leave, $first) = @$_;
	my $client = Prong::Client->new($address);
	$client->request('GET', '/gone?do=print%20x') if $first;
	$client->send(Prong::request('GET', steps_of($path, 'print x', 'flush',
	    @long)));
	$client->fill;
	$leave->($client);
	my $began = time;
	settle();
	$ends++;
	$daemon->wait_log(qr/(?:$gone.*?){$ends}/s);
	pass("a handler ends whose client $title");
	note sprintf '%.2f s', time - $began;
}

# Who comes back from the same address and port is another client. False: another
# program has the port meanwhile.
sub come_back {
	my $client = $daemon->connect;
	my $port = $client->socket->sockport;
	$client->send(Prong::request('GET', steps_of('/gone', 'print x', 'flush',
	    @long)));
	$client->fill;
	my ($pid) = connections();
	my ($host, $there) = split /:/, $daemon->address;
	# Longer than until the first look at the client.
	pause(0.7);
	reset_connection($client);
	my $again = IO::Socket::IP->new(PeerHost => $host, PeerPort => $there,
	    LocalHost => $host, LocalPort => $port);
	wait_until { !Prong::Process::lives($pid) } 'the end of the first';
	$ends++;
	$daemon->wait_log(qr/(?:$gone.*?){$ends}/s);
	pass('a handler ends whose client came back by another connection')
	    if $again;
	$again->close if $again;
	settle();
	return $again;
}
for (1 .. 10) {
	last if come_back();
}

# A client that has closed is known to have gone by the reset that an octet
# brings.
{
	my $client = $daemon->connect;
	$client->send(Prong::request('GET', steps_of('/gone', 'take 1',
	    'sleep 300', 'print x', 'flush', @long)));
	$client->close;
	settle();
	$ends++;
	$daemon->wait_log(qr/(?:$gone.*?){$ends}/s);
	pass('a handler ends whose client closed and does not read');
}

# Those that are still there.
for my $address ($daemon->address, "unix:$socket") {
	my $client = Prong::Client->new($address);
	$client->send(Prong::request('GET', steps_of('/gone', 'sleep 3000',
	    'print late'), [ 'Connection: close' ]));
	$client->finish;
	is($client->answer->{body}, 'late',
	    "a client that has closed half is served ($address)" =~
	    s/:.*\)/)/r);
}
{
	my $client = sleeper('/kept', $daemon->address, 'print x', 'flush');
	$client->fill;
	my ($pid) = connections();
	reset_connection($client);
	my $end = time + 3;
	pause(0.1) while time < $end && Prong::Process::lives($pid);
	ok(Prong::Process::lives($pid), 'gone_grace = 0 lets a handler work on');
	kill 9, $pid;
	settle();
}

# Without its generation a process has a timer of its own, from then on. The
# signal that says so may end a pause early.
{
	my $sleeping = $daemon->connect;
	$sleeping->send(Prong::request('GET', steps_of('/act', 'print x',
	    'flush', ('sleep 60000') x 2)));
	$sleeping->fill;
	my $events = $daemon->connect;
	$events->send(Prong::request('GET', steps_of('/act',
	    ('print x', 'flush', 'sleep 500') x 8)));
	$events->fill;
	kill 9, $generation;
	ok($sleeping->answer->{cut}, 'it ends a handler when the generation '
	    . 'has ended');
	is($events->answer->{body}, 'x' x 8, 'unless octets move');
	$_->close for $sleeping, $events;
	wait_until { ($generation) = Prong::Process::children($daemon->pid) }
	    'another generation';
	is($daemon->connect->request('GET', '/act?do=print%20x')->{body}, 'x',
	    'and others are served');
}
is($daemon->stop, 0, 'the daemon stops');

# And where there never was one.
{
	my ($answer) = responses(once($config, Prong::request('GET',
	    steps_of('/act', 'sleep 60000'), [ 'Connection: close' ])));
	is($answer->{status}, 503, 'prongd --once has a timer');
	($answer) = responses(once($config, Prong::request('GET',
	    steps_of('/act', ('print x', 'flush', 'sleep 500') x 6),
	    [ 'Connection: close' ])));
	is($answer->{body}, 'x' x 6, 'which octets put off');
}
done_testing;
