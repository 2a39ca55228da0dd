# prong drain: not ready at once, but serving; then no more connections; then
# the end, with the last answer.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Process;

write_file('www/a.txt', "a\n");
my $config = config('access_log = "off"; sites = ( { routes = ( '
    . '{ path = "/"; static = { root = "' . folder('www') . '"; }; }, '
    . '{ path = "/echo"; echo = { }; }, '
    . '{ exact = "/status"; status = { }; } ); } );');

sub ready {
	my ($daemon) = @_;
	return $daemon->get('/status?ready');
}

sub drain_in_background {
	my ($daemon, @arguments) = @_;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	my $run = $daemon->prong('drain', @arguments);
	POSIX::_exit($run->{status});
}

{
	my $daemon = start($config);
	my $answer = ready($daemon);
	is($answer->{status}, 200, 'a server is ready');
	is($answer->{body}, "ready\n", 'and says so');
	my $idle = $daemon->connect;
	$idle->request('GET', '/a.txt');
	my $busy = $daemon->connect;
	$busy->send(Prong::request('POST', '/echo', [ 'Content-Length: 4',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';

	my $pid = drain_in_background($daemon, '5 min');
	$daemon->wait_log(qr/leaving: not ready from now on/);
	wait_until { ready($daemon)->{status} == 503 } 'the word of it';
	pass('after prong drain it is not');
	is(ready($daemon)->{body}, "leaving\n", 'and says so');
	my $status = JSON::PP::decode_json(
	    $daemon->get('/status?format=json')->{body});
	ok(!$status->{ready}, 'as JSON, too');
	$status = JSON::PP::decode_json($daemon->prong('--json', 'status')
	    ->{output});
	is($status->{state}, 'leaving', 'and by prong status');
	is($daemon->get('/a.txt')->{status}, 200, 'new clients are served');
	is($idle->request('GET', '/a.txt')->field('Connection') || 'kept',
	    'kept', 'connections are kept');
	is($daemon->prong('reload')->{status}, 0, 'a reload is possible');
	wait_until { ready($daemon)->{status} == 503 }
	    'the word of the next generation';
	pass('and changes nothing of it');
	is($daemon->prong('upgrade')->{status}, 1, 'an upgrade is not');

	# Sooner, by asking again.
	my $sooner = drain_in_background($daemon, '0 s');
	$daemon->wait_log(qr/stopping/);
	$daemon->wait_closed;
	pass('then nobody can connect');
	is($idle->request('GET', '/a.txt')->field('Connection'), 'close',
	    'an idle connection is not cut, but told to close');
	ok($daemon->alive, 'a request in flight is waited for');
	$busy->send('1234');
	is($busy->answer('POST')->{body}, '1234', 'and answered');
	is($daemon->wait, 0, 'with it the server ends');
	waitpid $pid, 0;
	is($?, 0, 'and prong drain succeeds');
	waitpid $sooner, 0;
	is($?, 0, 'the other one as well');
}

# Nobody to wait for.
{
	my $daemon = start($config);
	my $begun = time;
	is($daemon->prong('drain', '0 s')->{status}, 0,
	    'without a connection it ends');
	cmp_ok(time - $begun, '<', 20, 'long before drain_timeout');
	is($daemon->wait, 0, 'in good order');
}

# A stop meanwhile is one.
{
	my $daemon = start($config);
	my $pid = drain_in_background($daemon);
	$daemon->wait_log(qr/leaving.*10000 ms/);
	is($daemon->prong('stop')->{status}, 0, 'a stop does not wait');
	is($daemon->wait, 0, 'the server has ended');
	waitpid $pid, 0;
	is($?, 0, 'and so has prong drain');
}

# Nobody there: nothing is waited for, neither at the end nor where a reload
# takes a listener away.
{
	my $text = 'access_log = "off"; drain_timeout = "1 h"; sites = ( { '
	    . 'routes = ( { path = "/echo"; echo = { }; } ); } );';
	my $second = folder() . '/second';
	my $listen = "listen = [ \"127.0.0.1:0\", \"unix:$second\" ];";
	my $quiet = config("$listen $text");
	my $daemon = start($quiet);
	write_file($quiet, Prong::read_file($quiet) =~ s/, "unix[^"]*"//r);
	is($daemon->prong('reload')->{status}, 0, 'a listener is taken away');
	$daemon->wait_log(qr/generation 1 has drained/);
	pass('from a generation without connections, which ends');
	is($daemon->prong('drain', '0 s')->{status}, 0,
	    'without connections a drain succeeds');
	is($daemon->wait, 0, 'and the server ends, both at once');
}

# The bound on those who go on.
{
	my $short = config('access_log = "off"; drain_timeout = "300 ms"; '
	    . 'stop_grace = "200 ms"; sites = ( { routes = ( '
	    . '{ path = "/echo"; echo = { }; } ); } );');
	my $daemon = start($short);
	my $busy = $daemon->connect;
	$busy->send(Prong::request('POST', '/echo', [ 'Content-Length: 4',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';
	is($daemon->prong('drain', '0 s')->{status}, 0,
	    'who does not finish is not waited for beyond drain_timeout');
	is($daemon->wait, 0, 'the server has ended');
}

done_testing;
