# What the service manager is told, and that the watchdog hears of the server as
# long as it lives.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;

use Prong;
use Prong::Process;

write_file('www/index.html', "hello\n");

my $manager = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
    Local => folder() . '/notify') or die "notify socket: $!";
$ENV{NOTIFY_SOCKET} = folder() . '/notify';

# The next message; 'nothing' when there is none for long.
sub message {
	my $message = '';
	IO::Select->new($manager)->can_read($Prong::patience)
	    or return 'nothing';
	$manager->recv($message, 4096);
	return $message;
}

# The next that is not the watchdog's.
sub told {
	my $message = message();
	$message = message() while $message eq 'WATCHDOG=1';
	return $message;
}

# All that have come, when nobody sends any more.
sub all {
	my @messages;
	push @messages, message() while IO::Select->new($manager)->can_read(0);
	return @messages;
}

my $config = config("stop_grace = \"3 s\"; open_timeout = \"4 s\";\n"
    . "sites = ( { routes = ( { path = \"/\"; static = { root = \""
    . folder('www') . '"; }; } ); } );');

{
	local $ENV{WATCHDOG_USEC} = 100000;
	my $daemon = start($config);
	my ($us) = told() =~ /\AEXTEND_TIMEOUT_USEC=(\d+)\z/;
	cmp_ok($us || 0, '>', 2 * 4_000_000,
	    'a start may take what opening twice may');
	my $pid = $daemon->pid;
	like(told(), qr/\AREADY=1\nMAINPID=$pid\nSTATUS=generation 1 serves\z/,
	    'it is told of readiness');
	my $heard = 0;
	$heard++ while $heard < 3 && message() eq 'WATCHDOG=1';
	is($heard, 3, 'the watchdog hears of the server again and again');
	my ($generation) = Prong::Process::children($pid);
	my @variables = grep { /\A(NOTIFY_|WATCHDOG_)/ }
	    Prong::Process::environment($generation);
	is_deeply(\@variables, [], 'the generation can tell it nothing');
	$daemon->kill('TERM');
	($us) = told() =~ /\ASTOPPING=1\nEXTEND_TIMEOUT_USEC=(\d+)\z/;
	cmp_ok($us || 0, '>', 3_000_000,
	    'a stop may take what connections may');
	is($daemon->wait, 0, 'the daemon stops');
	# It may have been heard of while it stopped.
	all();
}

{
	local $ENV{WATCHDOG_USEC} = 20000;
	local $ENV{WATCHDOG_PID} = $$;
	my $daemon = start($config);
	$daemon->get('/') for 1 .. 10;
	$daemon->stop;
	my @messages = all();
	is(scalar(grep { $_ eq 'WATCHDOG=1' } @messages), 0,
	    'a watchdog for another process is not its own');
	is(scalar @messages, 3, 'start, readiness and stop are told');
}

done_testing;
