# With -v the log tells the life of a connection in the words of the system
# calls, each with the process that made it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Process;

write_file('www/index.html', "hello\n");
# A connection in a worker has no process whose life could be told.
my $daemon = start(config('{ path = "/"; static = { root = "' . folder('www')
    . '"; }; }', workers => 0), '-v');
my $master = $daemon->pid;
my ($generation) = Prong::Process::children($master);
is($daemon->get('/')->{body}, "hello\n", 'a page is served');
my $connection = $daemon->wait_log(qr/waitpid\(\) = (\d+), status 0x0000/);
is($daemon->stop, 0, 'the daemon stops');

my @lines = split /\n/, $daemon->log;

# The next line of that process that matches; what it captured.
my %at;
sub next_line {
	my ($pid, $pattern, $title) = @_;
	my $i = $at{$pid} || 0;
	for (; $i < @lines; $i++) {
		my ($who, $what) = $lines[$i]
		    =~ /\A\S+ \S+ prongd\[(\d+)\]: debug: (.*)\z/ or next;
		next unless $who == $pid && $what =~ $pattern;
		my $captured = $1;
		$at{$pid} = $i + 1;
		pass($title);
		return $captured;
	}
	fail($title);
	diag("no more of process $pid: $pattern");
	return '';
}

my $listener = next_line($master, qr/\Asocket\(2, SOCK_STREAM\) = (\d+)\z/,
    'the master makes a socket');
next_line($master, qr/\Abind\($listener, \{ 02 00 00 00 7f 00 00 01( 00){8} \},
    \s 16\) \s = \s 0\z/x, 'binds it to the octets of an address')
    if 0;
my $octets = next_line($master, qr/\Abind\($listener, \{([0-9a-f ]+)\}, 16\)/,
    'binds it to the octets of an address');
like($octets, qr/\A 02 00 00 00 7f 00 00 01( 00){8} \z/,
    'family, port, 127.0.0.1 and the rest');
next_line($master, qr/\Alisten\($listener, [1-9]\d*\) = 0\z/, 'and listens');
is(next_line($master, qr/\Afork\(\) = (\d+): generation 1\z/,
    'it forks a generation'), $generation, 'whose process it names');

my $accepted = next_line($generation, qr/\Aaccept4\(\d+\) = (\d+)\z/,
    'the generation accepts a connection');
is(next_line($generation, qr/\Afork\(\) = (\d+)\z/,
    'and forks, which returns to the parent'), $connection,
    'the number of the child');
next_line($connection, qr/\Afork\(\) = 0: connection of 127\.0\.0\.1:\d+\z/,
    'and 0 to the child, which names its client');
next_line($connection, qr/\A(?:recv|read)\($accepted, .*\) = [1-9]\d*\z/,
    'the child reads the request');
next_line($connection, qr/\A(?:sendmsg|send|write)\($accepted\b.*= [1-9]\d*\z/,
    'writes the response');
next_line($connection, qr/\A_exit\(0\)\z/, 'and exits');
next_line($generation, qr/\Awaitpid\(\) = $connection, status 0x0000\z/,
    'the generation waits for it');

my @strange = grep { !/\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d prongd\[\d+\]: \w+: /
    } @lines;
is_deeply(\@strange, [], 'every line tells time, process and level');

my $quiet = start(config('{ path = "/"; static = { root = "'
    . folder('www') . '"; }; }'));
$quiet->get('/');
$quiet->stop;
unlike($quiet->log, qr/debug|accept4/, 'without -v nothing of this is logged');

done_testing;
