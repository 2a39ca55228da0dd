# What a connection process has open, and what it is not told: no listener, no
# other client's socket, no way to the master or the service manager.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM pack_sockaddr_un);
use Test::More;

use Prong;
use Prong::Process;

write_file('www/index.html', "hello\n");

# What systemd would say.
my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
    Local => folder() . '/notify') or die "notify socket: $!";
chmod 0666, folder() . '/notify';

sub told {
	my $message = '';
	IO::Select->new($manager)->can_read($Prong::patience)
	    or return 'nothing';
	$manager->recv($message, 4096);
	return $message;
}

sub serve {
	# Who starts a daemon may leave descriptors open to it.
	local $^F = 1000;
	open my $left, '<', write_file('left-open', 'x') or die "left-open: $!";
	local $ENV{NOTIFY_SOCKET} = folder() . '/notify';
	local $ENV{LISTEN_FDS} = 1;
	local $ENV{LISTEN_PID} = 1;
	local $ENV{LISTEN_FDNAMES} = 'http';
	# It is about what a process of one connection has.
	return start(config('max_connections = 3; access_log = "'
	    . folder('log') . '/access.log"; listen = [ "127.0.0.1:0", '
	    . '"127.0.0.1:0" ]; sites = ( { routes = ( { path = "/"; static = '
	    . '{ root = "' . folder('www') . '"; }; } ); } );', workers => 0));
}

my $daemon = serve();
like(told(), qr/\AEXTEND_TIMEOUT_USEC=\d+\z/,
    'the service manager is told how long the start may take');
like(told(), qr/\AREADY=1$/m, 'the service manager is told of readiness');

my ($generation) = Prong::Process::children($daemon->pid);
my @clients = map { $daemon->connect } 1 .. 3;
$_->request('GET', '/') for @clients;
my $waits = $daemon->connect;		# held by the generation
$waits->send(Prong::request('GET', '/'));
$daemon->wait_log(qr/warning: max_connections/);

my @connections = Prong::Process::children($generation);
is(scalar @connections, 3, 'three connections are served');

my (%own, %has);
for my $pid ($daemon->pid, $generation, @connections) {
	my %open = Prong::Process::descriptors($pid);
	$has{$pid} = \%open;
	$own{$pid} = [ grep { /\Asocket:/ } values %open ];
}

# The first connection's socket was open in the generation for a moment only.
for my $pid (@connections) {
	is(scalar @{$own{$pid}}, 1, 'a connection has one socket');
	my ($socket) = @{$own{$pid}};
	my @others = grep { $_ != $pid && grep { $_ eq $socket } @{$own{$_}} }
	    keys %own;
	is_deeply(\@others, [], 'which no other process has');
	my @strange = grep { !m{\A(socket:|pipe:|/dev/null\z)}
	    && !m{/memfd:prong-scoreboard}
	    && !m{\A\Q${\folder('www')}\E} }
	    values %{$has{$pid}};
	is_deeply(\@strange, [], 'and beside it only the scoreboard, no log, '
	    . 'and what its handlers opened');
	my %ends = map { /\Apipe:/ ? ($_ => 1) : () } values %{$has{$pid}};
	is(scalar keys %ends, 1, 'and a pipe of its own for standard error');
	ok(!$ends{$has{$generation}{2} || ''}, 'which the generation has not');
}

for my $pid ($generation, @connections) {
	my @told = grep { /\A(NOTIFY_|LISTEN_)/ }
	    Prong::Process::environment($pid);
	is_deeply(\@told, [], 'NOTIFY_SOCKET and LISTEN_* are not passed on');
}

# The parent of a connection keeps nothing of it.
$_->close for @clients;
is($waits->answer->{status}, 200, 'who waited is served');
$waits->close;
wait_until { !Prong::Process::children($generation) } 'the connections\' end';
my %after = Prong::Process::descriptors($generation);
my $fresh = $daemon->connect;
$fresh->request('GET', '/');
$fresh->close;
wait_until { !Prong::Process::children($generation) } 'the connection\'s end';
is_deeply({ Prong::Process::descriptors($generation) }, \%after,
    'the generation has open what it had before a connection');

$daemon->kill('TERM');
like(told(), qr/\ASTOPPING=1$/m, 'the service manager is told of the stop');
is($daemon->wait, 0, 'the daemon stops');

{
	my $name = "prong-test-$$";
	my $abstract = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
	    Local => "\0$name") or die "abstract socket: $!";
	local $ENV{NOTIFY_SOCKET} = "\@$name";
	my $other = start(config('{ path = "/"; static = { root = "'
	    . folder('www') . '"; }; }'));
	my $message = '';
	$abstract->recv($message, 4096) until $message =~ /READY/;
	like($message, qr/\AREADY=1$/m,
	    'a service manager in the abstract namespace is told');
	$other->stop;
}

done_testing;
