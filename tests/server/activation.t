# Sockets that a service manager passes: which entry of listen means which, and
# that a restart loses no connection.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::IP;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM SOCK_STREAM IPPROTO_TCP TCP_NODELAY);
use Test::More;

use Prong;
use Prong::Process;

write_file('www/index.html', "hello\n");
my $path = folder() . '/socket';

sub tcp {
	return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 10)
	    || die "listen: $@";
}

sub unix {
	my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM,
	    Local => $path, Listen => 10) || die "listen: $@";
	chmod 0666, $path;
	return $socket;
}

sub address_of {
	my ($socket) = @_;
	return $socket->sockhost . ':' . $socket->sockport;
}

# listening($entry, ...): a configuration that says so.
sub listening {
	my $list = join ', ', map { "\"$_\"" } @_;
	return config("listen = [ $list ]; access_log = \"off\";\n"
	    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
	    . folder('www') . '"; }; } ); } );');
}

sub body_from {
	my ($daemon, $address) = @_;
	return $daemon->connect($address)->request('GET', '/')->{body};
}

# How a start fails: the log.
sub refused {
	my ($config, $options) = @_;
	my $daemon = Prong::Daemon->launch($config, $options || {});
	is($daemon->wait, 1, 'the server does not start');
	return $daemon->log;
}

subtest 'by address' => sub {
	my $http = tcp();
	my $daemon = start(listening(address_of($http), '127.0.0.1:0'),
	    { sockets => [ $http ] });
	my @addresses = $daemon->addresses;
	is($addresses[0], address_of($http), 'the passed socket is taken');
	is(body_from($daemon, $addresses[0]), "hello\n", 'and served');
	is(body_from($daemon, $addresses[1]), "hello\n",
	    'another address is opened beside it');
	my ($generation) = Prong::Process::children($daemon->pid);
	my @told = grep { /\A(LISTEN_|PRONG_LISTEN)/ }
	    Prong::Process::environment($generation);
	is_deeply(\@told, [], 'the variables are not passed on');
	ok(unpack('i', getsockopt($http, IPPROTO_TCP, TCP_NODELAY)),
	    'answers are sent without delay');
	is($daemon->stop, 0, 'the daemon stops');
	unlike($daemon->log, qr/warning/, 'nothing is warned of');
};

subtest 'by name' => sub {
	my @sockets = (tcp(), tcp(), tcp());
	my $daemon = start(listening('systemd:web', 'systemd:a b'),
	    { sockets => \@sockets, names => [ 'web', 'a b', 'web' ] });
	my @addresses = map { address_of($_) } @sockets;
	is_deeply([ $daemon->addresses ], [ @addresses[0, 2, 1] ],
	    'an entry means every socket of its name');
	is(join('', map { body_from($daemon, $_) } @addresses),
	    "hello\n" x 3, 'all are served');
	$daemon->stop;
	$daemon = start(listening('127.0.0.1:0'), '-l', 'systemd:web',
	    { sockets => [ $sockets[0] ], names => [ 'web' ] });
	is_deeply([ $daemon->addresses ], [ $addresses[0] ],
	    '-l takes a name, too');
	$daemon->stop;
};

subtest 'a Unix socket' => sub {
	my $socket = unix();
	my $daemon = start(listening("unix:$path"), { sockets => [ $socket ] });
	is(body_from($daemon, "unix:$path"), "hello\n", 'is served');
	is($daemon->stop, 0, 'the daemon stops');
	ok(-S $path, 'and leaves the path, which is the manager\'s');
	unlink $path;
};

subtest 'a restart' => sub {
	my $http = tcp();
	my @start = (listening(address_of($http)), { sockets => [ $http ] });
	my $daemon = start(@start);
	is(body_from($daemon, address_of($http)), "hello\n", 'before');
	is($daemon->stop, 0, 'the daemon stops');
	my $client = Prong::Client->new(address_of($http));
	ok($client->send(request('GET', '/')), 'a client connects meanwhile');
	$daemon = start(@start);
	is($client->answer->{body}, "hello\n", 'and is answered afterwards');
	$daemon->stop;
};

subtest 'a socket for both families' => sub {
	my $dual = IO::Socket::IP->new(LocalHost => '::', LocalPort => 0,
	    Listen => 10, V6Only => 0) or plan skip_all => 'IPv6 is not there';
	my $port = $dual->sockport;
	my $daemon = start(listening("0.0.0.0:$port", "[::]:$port"),
	    { sockets => [ $dual ] });
	is(body_from($daemon, "127.0.0.1:$port"), "hello\n",
	    'is that of 0.0.0.0');
	is(body_from($daemon, "[::1]:$port"), "hello\n", 'and of [::]');
	$daemon->stop;
	unlike($daemon->log, qr/warning/, 'nothing is warned of');
};

subtest 'a stray socket' => sub {
	my ($http, $stray) = (tcp(), tcp());
	my $daemon = start(listening(address_of($http)),
	    { sockets => [ $http, $stray ], names => [ 'http', 'stray' ] });
	my $at = address_of($stray);
	my @warnings = $daemon->log =~ /(warning: .*)/g;
	is(scalar @warnings, 1, 'is warned of, once');
	like($warnings[0], qr/\Q$at\E.*"stray" \(descriptor 4\)/,
	    'by address, name and number');
	is(body_from($daemon, address_of($http)), "hello\n",
	    'the other is served');
	$daemon->stop;
};

subtest 'an unknown name' => sub {
	my $log = refused(listening('systemd:htpp'),
	    { sockets => [ tcp(), tcp() ], names => [ 'http', 'https' ] });
	like($log, qr/error: listen: found "systemd:htpp", .*passed: "http", "https"/,
	    'the error names the entry and what was passed');
};

subtest 'a name, and nothing passed' => sub {
	like(refused(listening('systemd:http')),
	    qr/error: listen: found "systemd:http", but no socket was passed; possible: /,
	    'the error says so, and what is possible');
	my $config = listening('systemd:http');
	is(prongd('-t', '-c', $config)->{status}, 0,
	    'the configuration is right nevertheless');
};

subtest 'what cannot be served' => sub {
	my $datagrams = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
	    Proto => 'udp') or die "udp: $@";
	my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
	    Proto => 'tcp') or die "tcp: $@";
	open my $file, '<', '/dev/null' or die "/dev/null: $!";
	for ([ 'a datagram socket', $datagrams, 'is no stream socket' ],
	    [ 'a socket that does not listen', $silent, 'does not listen' ],
	    [ 'a file', $file, 'is no socket' ]) {
		my ($what, $handle, $why) = @$_;
		like(refused(listening('systemd:x'), { sockets => [ tcp(),
		    $handle ], names => [ 'x', 'bad' ] }),
		    qr/error: descriptor 4, passed as "bad", $why; possible: /,
		    "$what is refused by number and name");
	}
};

subtest 'sockets for another process' => sub {
	local $ENV{LISTEN_PID} = $$;
	local $ENV{LISTEN_FDS} = 1;
	my $daemon = start(listening('127.0.0.1:0'));
	is(body_from($daemon, $daemon->address), "hello\n", 'are left alone');
	$daemon->stop;
};

SKIP: {
	skip 'there is no systemd-socket-activate', 1
	    if system('systemd-socket-activate --version >/dev/null 2>&1');
	# Which takes no port 0: so Unix sockets.
	subtest 'under systemd-socket-activate' => sub {
		my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
		    Local => folder() . '/notify') or die "notify: $!";
		my $program = write_file('activate', <<"SH");
#!/bin/sh
exec systemd-socket-activate --fdname=web:local -l '$path.web' -l '$path' \\
    -E NOTIFY_SOCKET='${\folder()}/notify' '$ENV{PRONGD}' "\$@"
SH
		chmod 0755, $program;
		local $ENV{PRONGD} = $program;
		my $daemon = Prong::Daemon->launch(listening('systemd:web',
		    "unix:$path"));
		my $client = wait_until {
			return eval { Prong::Client->new("unix:$path") };
		} 'a socket to connect to';
		$client->send(request('GET', '/'));
		$daemon->await_ready;
		is($client->answer->{body}, "hello\n",
		    'the client that woke it is answered');
		is_deeply([ $daemon->addresses ], [ "unix:$path.web",
		    "unix:$path" ], 'one is found by name, one by path');
		is(body_from($daemon, "unix:$path.web"), "hello\n",
		    'the other is served, too');
		my $message = '';
		while ($message !~ /^READY=1$/m) {
			IO::Select->new($manager)->can_read($Prong::patience)
			    or last;
			$manager->recv($message, 4096);
		}
		like($message, qr/^MAINPID=${\$daemon->pid}$/m,
		    'the service manager is told of readiness');
		is($daemon->stop, 0, 'the daemon stops');
	};
}

done_testing;
