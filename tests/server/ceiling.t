# Ceilings: who comes when max_connections are served waits in the backlog, and
# is refused when that takes too long. A single client has its own ceiling.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use Test::More;
use Time::HiRes qw(time);

use Prong;

write_file('www/index.html', "hello\n");

sub serve {
	my ($text) = @_;
	return start(config("$text access_log = \"off\";\nsites = ( { routes = "
	    . '( { path = "/"; static = { root = "' . folder('www')
	    . '"; }; } ); } );'));
}

# A client that holds its connection.
sub occupy {
	my ($daemon, $from) = @_;
	my $client = $daemon->connect(undef, $from);
	my $answer = $client->request('GET', '/');
	return $answer && $answer->{status} == 200 ? $client : undef;
}

# A client that has sent its request.
sub ask_early {
	my ($daemon, $body) = @_;
	my $client = $daemon->connect;
	$client->send(Prong::request('POST', '/', [], $body)) if defined $body;
	$client->send(Prong::request('GET', '/')) unless defined $body;
	return $client;
}

sub quiet {
	my ($client) = @_;
	return !IO::Select->new($client->socket)->can_read(0.15);
}

{
	my $daemon = serve('max_connections = 2; queue_timeout = "60 s";');
	my @served = map { occupy($daemon) } 1 .. 2;
	my @waiting = map { ask_early($daemon) } 1 .. 3;
	ok(quiet($waiting[0]), 'beyond max_connections clients wait');
	is($daemon->connections, 2, 'no more are served');
	is($served[0]->request('GET', '/')->{status}, 200,
	    'those who have one are served on');
	(shift @served)->close;
	is($waiting[0]->answer->{body}, "hello\n",
	    'the first who waits is served when one ends');
	ok(quiet($waiting[1]), 'the second waits on');
	$waiting[0]->close;
	is($waiting[1]->answer->{body}, "hello\n", 'until it is its turn');
	$waiting[1]->close;
	is($waiting[2]->answer->{body}, "hello\n", 'as is the third');
	$daemon->log_like(qr/warning: max_connections = 2 /,
	    'the log tells once that the ceiling was reached');
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('max_connections = 1; queue_timeout = "2 s";');
	my $served = occupy($daemon);
	my $began = time;
	my @waiting = map { ask_early($daemon) } 1 .. 4;
	my $answer = $waiting[0]->answer;
	cmp_ok(time - $began, '>', 1.9, 'queue_timeout is waited for');
	is($answer->{status}, 503, 'who waited longer is refused');
	like($answer->{body}, qr/503 Service Unavailable/, 'with a page');
	like($answer->field('Retry-After'), qr/\A[0-9]+\z/,
	    'is told when to try again');
	is($answer->field('Connection'), 'close', 'that it is over');
	is($waiting[0]->rest, '', 'and it is');
	is($_->answer->{status}, 503, 'so is the next in the backlog')
	    for @waiting[1 .. 3];
	# One after the other they would wait for eight seconds.
	cmp_ok(time - $began, '<', 6, 'who has waited as long already');
	is($served->request('GET', '/')->{status}, 200,
	    'whoever is served does not notice');

	# Octets that nobody reads would reset the connection, and with it
	# the answer that the client has not read yet.
	my $large = ask_early($daemon, 'x' x 100_000);
	is($large->answer('POST')->{status}, 503,
	    'who has sent a large request gets the refusal');
	is($large->rest, '', 'and the end');
	ok(!$large->{reset}, 'not a reset');
	$served->close;
	is($daemon->get('/')->{status}, 200,
	    'there is room when the one has ended');
	is($daemon->stop, 0, 'the daemon stops');
}

{
	# Time in the backlog counts also for who becomes the head of the queue
	# because its head was served.
	my $daemon = serve('max_connections = 1; queue_timeout = "5 s";');
	my $served = occupy($daemon);
	my $first = ask_early($daemon);
	my $began = time;
	my $second = ask_early($daemon);
	select undef, undef, undef, 3;
	$served->close;
	is($first->answer->{status}, 200, 'the head of the queue is served');
	is($second->answer->{status}, 503, 'the next is refused');
	cmp_ok(time - $began, '<', 7.5,
	    'after queue_timeout counted from its own beginning');
	$daemon->stop;
}

{
	my $daemon = serve('max_connections_per_client = 2; '
	    . 'trusted_proxies = [ "127.0.0.4", "127.0.8.0/24" ];');
	my @clients = map { occupy($daemon, '127.0.0.2') } 1 .. 2;
	is(scalar(grep { defined } @clients), 2,
	    'a client has max_connections_per_client connections');
	my $third = $daemon->connect(undef, '127.0.0.2');
	$third->send(Prong::request('GET', '/'));
	is($third->answer->{status}, 503, 'the next is refused at once');
	ok(occupy($daemon, '127.0.0.3'), 'another client is served');
	for my $proxy ('127.0.0.4', '127.0.8.77') {
		my @proxied = map { occupy($daemon, $proxy) } 1 .. 4;
		is(scalar(grep { defined } @proxied), 4,
		    "a trusted proxy ($proxy) has no ceiling of its own");
	}
	$daemon->log_like(qr/refused 127\.0\.0\.2:\d+: .*max_connections_per_client = 2/,
	    'the log names the client and the setting');
	(pop @clients)->close;
	ok(wait_until { occupy($daemon, '127.0.0.2') },
	    'it is served again when one of its connections has ended');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
