# defer_accept: who has connected and says nothing costs no process at first. That
# changes nothing of who is served when the server reloads or stops.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(IPPROTO_TCP);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Process;
use Prong::Workers;

my $TCP_DEFER_ACCEPT = 9;	# linux/tcp.h
my $site = 'access_log = "off"; sites = ( { routes = ( '
    . '{ path = "/"; static = { root = "' . folder('www') . '"; }; }, '
    . '{ exact = "/status"; status = { }; } ); } );';
write_file('www/index.html', "hello\n");

sub generations {
	my ($daemon) = @_;
	return Prong::Process::children($daemon->pid);
}

# A silent client, and one that comes after it and has been served. Whoever comes
# later waits behind who came before, so the silent one is accepted by then if it is
# not deferred.
sub silent_and_served {
	my ($daemon) = @_;
	my $silent = $daemon->connect;
	my $other = $daemon->connect;
	is($other->request('GET', '/')->{body}, "hello\n",
	    'another client is served');
	return ($silent, $other);
}

# A worker that has accepted says so a moment later.
sub is_accepted {
	my ($daemon, $title) = @_;
	my ($silent, $other) = silent_and_served($daemon);
	is(eval { wait_until { $daemon->connections == 2 } }, 1, $title);
	$_->close for $silent, $other;
	return;
}

# Returns the silent client.
sub is_deferred {
	my ($daemon, $title) = @_;
	my $begun = time;
	my ($silent, $other) = silent_and_served($daemon);
	my $count = $daemon->connections;
	SKIP: {
		skip 'the machine is too busy', 1 if time - $begun > 0.9;
		is($count, 1, $title);
	}
	$other->close;
	return $silent;
}

subtest 'silence' => sub {
	my $daemon = start(config($site));
	my $silent = is_deferred($daemon, 'a silent client is not accepted');
	is($silent->request('GET', '/')->{body}, "hello\n",
	    'and is served when it sends');
	$silent->close;
	wait_until { $daemon->connections == 0 } 'the end of both';

	my $begun = time;
	$silent = $daemon->connect;
	wait_until { $daemon->connections == 1 } 'its connection';
	cmp_ok(time - $begun, '>', 0.7,
	    'one that goes on to say nothing is accepted after a second');
	is($daemon->stop, 0, 'the daemon stops');
};

subtest 'the end of a silent client' => sub {
	my $daemon = start(config($site));
	my $silent = $daemon->connect;
	$silent->finish;
	is($silent->rest, '', 'it is heard at once, and no response is sent');
	$daemon->stop;
};

subtest 'a time for the head' => sub {
	my $daemon = start(config("head_timeout = \"200 ms\"; $site"));
	my $begun = time;
	my $silent = $daemon->connect;
	$silent->rest;
	cmp_ok(time - $begun, '>', 0.9,
	    'head_timeout begins when the connection is accepted');
	my $slow = $daemon->connect;
	$begun = time;
	$slow->send('G');
	like($slow->rest, qr/\AHTTP\/1\.1 408 /, 'and holds for a slow head');
	cmp_ok(time - $begun, '>=', 0.15, 'as long as it says');
	$daemon->stop;
};

# The setting, on a socket that both configurations have.
subtest 'the setting' => sub {
	my $path = config("defer_accept = false; $site");
	my $daemon = start($path);
	is_accepted($daemon, 'without it a silent client is accepted');
	my $text = read_file($path);
	write_file($path, $text =~ s/defer_accept = false;//r);
	is($daemon->prong('reload')->{status}, 0, 'a reload sets it');
	wait_until { $daemon->connections == 0 } 'nobody';
	is_deferred($daemon, 'on the socket that there was')->close;
	write_file($path, $text);
	is($daemon->prong('reload')->{status}, 0, 'and another one takes it away');
	wait_until { generations($daemon) == 1 } 'the end of the others';
	wait_until { $daemon->connections == 0 } 'nobody';
	is_accepted($daemon, 'there, too');
	$daemon->stop;
};

subtest 'a Unix socket' => sub {
	my $daemon = start(config('listen = [ "unix:' . folder()
	    . "/socket\" ]; $site"));
	is_accepted($daemon, 'has no such wait');
	is($daemon->stop, 0, 'the daemon stops');
	unlike($daemon->log, qr/warning|error/, 'nothing is warned of');
};

subtest 'a socket that was passed' => sub {
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
	    Listen => 10) || die "listen: $@";
	my $listen = 'listen = [ "127.0.0.1:' . $socket->sockport . '" ];';
	for my $setting ('', 'defer_accept = false;') {
		my $daemon = start(config("$listen $setting $site"),
		    { sockets => [ $socket ] });
		my $value = unpack 'i', getsockopt($socket, IPPROTO_TCP,
		    $TCP_DEFER_ACCEPT);
		is($value > 0 ? 1 : 0, $setting ? 0 : 1,
		    'is set as the configuration says');
		$daemon->stop;
	}
};

# Changes of the server, while a client is silent.
subtest 'a reload' => sub {
	my $path = config($site);
	my $daemon = start($path);
	my $silent = $daemon->connect;
	is($daemon->prong('reload')->{status}, 0, 'the server reloads');
	$daemon->wait_log(qr/generation 1 has drained/);
	is($silent->request('GET', '/')->{body}, "hello\n",
	    'the next generation serves who was silent');
	$daemon->stop;
};

subtest 'a listener that a reload takes away' => sub {
	my $path = config("listen = [ \"127.0.0.1:0\", \"127.0.0.2:0\" ]; $site");
	my $daemon = start($path);
	my ($first, $second) = $daemon->addresses;
	my $silent = $daemon->connect($second);
	write_file($path, read_file($path) =~ s/, "127\.0\.0\.2:0"//r);
	is($daemon->prong('reload')->{status}, 0, 'the server reloads');
	wait_until { !eval { $daemon->connect($second) } } 'its end';
	is($silent->request('GET', '/')->{body}, "hello\n",
	    'who was silent there is served');
	$daemon->log_like(qr/generation 1 has drained/,
	    'and the generation ends');
	$daemon->stop;
};

subtest 'an upgrade' => sub {
	my $daemon = start(config($site));
	my $silent = $daemon->connect;
	is($daemon->prong('upgrade')->{status}, 0, 'the server is upgraded');
	is($silent->request('GET', '/')->{body}, "hello\n",
	    'who was silent is served');
	$daemon->stop;
};

for my $drains (0, 1) {
	subtest $drains ? 'prong drain' : 'a stop' => sub {
		my $daemon = start(config("stop_grace = \"60 s\"; $site"));
		my $silent = $daemon->connect;
		my $pid = $drains ? fork : -1;
		if ($pid == 0) {
			my $run = $daemon->prong('drain', '0 s');
			POSIX::_exit($run->{status});
		}
		$daemon->kill('TERM') unless $drains;
		$daemon->wait_log(qr/stopping/);
		$daemon->wait_closed;
		# A worker may hear of it later than clients do.
		wait_until { !workers_of($daemon) } 'the end of all workers';
		my $answer = $silent->request('GET', '/');
		is($answer && $answer->{body}, "hello\n",
		    'who was silent is served');
		is($answer && $answer->field('Connection'), 'close',
		    'and told that it was last');
		is($daemon->wait, 0, 'the daemon ends');
		waitpid $pid, 0 if $drains;
	};
}

subtest 'a stop without a client' => sub {
	my ($least_s) = sort { $a <=> $b } map {
		my $daemon = start(config($site));
		my $begun = time;
		$daemon->stop;
		time - $begun;
	} 1 .. 3;
	my $daemon = start(config($site));
	my $silent = $daemon->connect;
	my $begun = time;
	is($daemon->stop, 0, 'the daemon ends beside a silent client');
	cmp_ok($least_s, '<', time - $begun, 'and sooner without one');
};

subtest 'workers' => sub {
	my $daemon = start(config("workers = 2; $site"));
	my $silent = $daemon->connect;
	is($silent->request('GET', '/')->{body}, "hello\n",
	    'serve one that was silent');
	$silent->close;
	$silent = $daemon->connect;
	$daemon->kill('TERM');
	$daemon->wait_closed;
	my $answer = $silent->request('GET', '/');
	is($answer && $answer->{body}, "hello\n", 'also at a stop');
	is($daemon->wait, 0, 'the daemon ends');
};

done_testing;
