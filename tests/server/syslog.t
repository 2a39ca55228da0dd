# error_log = "syslog": what comes to /dev/log, which is a socket of this
# script's own in a mount namespace of its own.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Cwd qw(abs_path);
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;

use Prong;
use Prong::Act;
use Prong::Process;

plan skip_all => 'only root can put another /dev/log in place'
    unless running_as_root;

# Begins anew in the namespace. Mounts there are nobody else's.
unless ($ENV{PRONG_NAMESPACE}) {
	plan skip_all => 'no mount namespace can be made here'
	    if system 'unshare -m true 2>/dev/null';
	local $ENV{PRONG_NAMESPACE} = 1;
	my @paths = map { '-I' . abs_path($_) } grep { -d } @INC;
	exec 'unshare', '-m', $^X, '-w', @paths, abs_path($0)
	    or die "unshare: $!";
}

sub mount {
	system('mount', @_) == 0 or die "mount @_: $?";
	return;
}

# A /dev with little in it.
my $dev = folder('dev');
mount('-t', 'tmpfs', '-o', 'mode=755', 'none', $dev);
for my $device (qw(null zero full random urandom)) {
	write_file("dev/$device");
	mount('--bind', "/dev/$device", "$dev/$device");
}
mount('--move', $dev, '/dev');

my $socket;

sub listen_anew {
	$socket->close if $socket;
	unlink '/dev/log';
	$socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
	    Local => '/dev/log') or die "/dev/log: $!";
	chmod 0666, '/dev/log';
	return;
}

# Lines up to one that matches; the last.
my @lines;

sub wait_line {
	my ($pattern) = @_;
	while (IO::Select->new($socket)->can_read($Prong::patience)) {
		defined $socket->recv(my $line, 4096) or die "recv: $!";
		push @lines, $line;
		return $line if $line =~ $pattern;
	}
	diag join "\n", @lines;
	die "in vain waited for $pattern";
}

listen_anew;
my $plugins = Prong::Act::plugin_folder('extreme');
my $config = config("plugin_dir = \"$plugins\";\nerror_log = \"syslog\";\n"
    . "access_log = \"off\";\ncrash_penalty = \"0 s\";\n"
    . 'sites = ( { routes = ( { path = "/crash"; extreme = { }; } ); } );');
open my $null, '+<', '/dev/null' or die "/dev/null: $!";
my $pid = Prong::spawn($null, $null, $null, '-c', $config);
my ($address) = wait_line(qr/listening on /) =~ /(127\.0\.0\.1:\d+)/;
wait_line(qr/<30>.* generation 1 is ready\z/);

sub crash {
	return Prong::Client->new($address)->request('GET', '/crash?do=null')
	    ->{status};
}

is(crash(), 500, 'a handler crashes');
like(wait_line(qr/crashed/),
    qr/\A<27>.* handler extreme of route \/crash crashed: SIGSEGV at /,
    'last words come with the priority of an error');
wait_line(qr/was ended by signal 11/);

# As when the log's daemon is started anew: the handler may not make a socket,
# nor may the generation.
$socket->close;
is(crash(), 500, 'nobody listens');
listen_anew;
is(crash(), 500, 'and again somebody does');
wait_line(qr/handler extreme .* crashed/);
pass('who hears last words');
wait_line(qr/was ended by signal 11/);
pass('and what the generation says');
is(scalar(grep { /generation 2/ } @lines), 0, 'which goes on');

# A log's daemon that hangs: lines are lost, but nobody waits for it.
{
	my $full = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
	    Peer => '/dev/log') or die "/dev/log: $!";
	$full->blocking(0);
	1 while defined $full->send('x');
	is(crash(), 500, 'a log that nobody reads holds no client up');
	my ($before) = Prong::Process::children($pid);
	kill 'HUP', $pid;
	is(eval { wait_until { my @now = Prong::Process::children($pid);
	    @now == 1 && $now[0] != $before } }, 1, 'nor the master');
	is(crash(), 500, 'nor the generation after a reload');
	$full->close;
	while (IO::Select->new($socket)->can_read(0)) {
		$socket->recv(my $line, 4096);
	}
	is(crash(), 500, 'read again');
	wait_line(qr/was ended by signal 11/);
	pass('it has what comes');
}

kill 'TERM', $pid;
wait_line(qr/: stopped\z/);
waitpid $pid, 0;
is($?, 0, 'the daemon stops');
is(scalar(grep { !/\A<(?:27|28|30)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d prongd\[\d+\]: [ -~]+\z/ }
    @lines), 0, 'every datagram is a line with its time and process');
done_testing;
