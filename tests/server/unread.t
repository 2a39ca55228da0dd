# Clients that do not read their answers, or too slowly, are cut off; those that
# only pause are not.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(SO_RCVBUF inet_aton);
use Test::More;
use Time::HiRes qw(time sleep);

use Prong;
use Prong::Act;

# More than the kernel keeps for both ends.
my $size = 64 * 1024 * 1024;
{
	open my $file, '>', folder('www') . '/big' or die "big: $!";
	truncate $file, $size or die "big: $!";
}
my $log = folder('logs') . '/access';
my $www = folder('www');
my $config = act_config(<<"CONF", "{ path = \"/patient\"; send_timeout = \"30 s\"; static = { root = \"$www\"; }; }");
access_log = "$log"; access_log_format = "%U %s %B %D"; send_timeout = "1500 ms";
CONF
my $daemon = start($config);

sub client {
	my ($target) = @_;
	my $client = $daemon->connect;
	$client->send(request('GET', $target));
	return $client;
}

sub logged {
	my ($target) = @_;
	my ($line) = -e $log ? read_file($log) =~ /^(\Q$target\E .*)$/m : ();
	return $line;
}

for my $case (['/big', 'of a file'], ['/act?do=block+67108864', 'of memory']) {
	my ($target, $what) = @$case;
	my $path = $target =~ s/\?.*//r;
	my $client = client($target);
	my $line = wait_until { logged($path) } 'the end of the answer';
	my (undef, $status, $sent, $duration) = split / /, $line;
	is($status, 200, "an answer $what is begun");
	cmp_ok($sent, '>', 0, 'some of it has gone');
	cmp_ok($sent, '<', $size, 'and not completed for one that does not read');
	cmp_ok($duration, '>=', 1_450_000, 'it has had its time');
	my $rest = $client->rest;
	ok($client->{reset} || length $rest < $size, 'and cannot take what it '
	    . 'got for the whole');
}

my $patient = client('/patient/big');
sleep 2.2;
my $answer = $patient->answer;
is(length $answer->{body}, $size, 'a route has a send_timeout of its own');

my $steady = client('/big');
for my $turn (1 .. 5) {
	sleep 0.5;
	$steady->fill for 1 .. 4;
}
is(length $steady->answer->{body}, $size, 'pauses below the time are no matter');

# What the kernel keeps for it is more than this one takes in that time, so that
# no room can be seen; but it takes it steadily.
my $narrow = $daemon->connect;
$narrow->socket->sockopt(SO_RCVBUF, 4096);
$narrow->send(request('GET', '/big?narrow'));
my $until = time + 4;
while (time < $until) {
	last unless $narrow->fill;
	sleep 0.01;
}
cmp_ok(time, '>=', $until, 'who reads slowly and steadily is served on');
$narrow->close;

is($daemon->stop, 0, 'the daemon stops');

# Where every request has a limit of time, who stands still is killed: but not
# one whose client takes what was sent long ago.
my $limits = join "\n", map { "$_ = \"2 s\";" } qw(max_request_time
    head_timeout body_timeout send_timeout idle_timeout);
$daemon = start(config("$limits\naccess_log = \"off\";\nsites = ( { routes = "
    . "( { path = \"/\"; static = { root = \"$www\"; }; } ); } );"));
# A small window has to be told before the handshake.
my $socket = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!";
$socket->sockopt(SO_RCVBUF, 4096);
$socket->connect($daemon->port, inet_aton('127.0.0.1')) or die "connect: $!";
syswrite $socket, request('GET', '/big');
$until = time + 10;
while (time < $until) {
	last unless sysread $socket, my $some, 2000;
	sleep 0.1;
}
cmp_ok(time, '>=', $until, 'who takes an answer slowly is served on, though '
    . 'nothing is sent for longer than any limit');
$socket->close;
is($daemon->stop, 0, 'the other daemon stops');
unlike($daemon->log, qr/killed/, 'and not killed');
done_testing;
