# prong(1) on a terminal: what a server, a log or a handler has written reaches
# it as printable ASCII.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Encode qw(decode);
use IO::Socket::UNIX;
use JSON::PP qw(decode_json);
use POSIX ();
use Socket qw(SOCK_SEQPACKET);
use Test::More;

use Prong;
use Prong::Process;

my $every = join '', map { chr } 1 .. 9, 11 .. 255;
my $unicode = "\xc2\x9b31m \xe2\x80\xae \xed\xa0\x80 \xf0\x9f\x8d\xb4 \xc0\x80";

# A server that says that to each request at a socket.
sub lie {
	my ($path, @messages) = @_;
	unlink $path;
	my $socket = IO::Socket::UNIX->new(Type => SOCK_SEQPACKET,
	    Listen => 5, Local => $path) or die "$path: $!";
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	# Not for ever, where nobody asks.
	alarm 60;
	my $client = $socket->accept;
	$client->recv(my $request, 100);
	$client->send($_) for @messages;
	POSIX::_exit(0);
}

sub told {
	my ($messages, @arguments) = @_;
	my $path = folder() . '/liar';
	my $pid = lie($path, @$messages);
	my $run = Prong::prong('-s', $path, @arguments);
	waitpid $pid, 0;
	return $run;
}

# Without counting what each broken sequence becomes.
sub decoded {
	my ($text) = @_;
	return decode('UTF-8', $text) =~ s/\x{fffd}+/?/gr;
}

my $plain = qr/\A[\n\x20-\x7e]*\z/;

for my $text ($every, $unicode) {
	my $name = $text eq $every ? 'every octet' : 'UTF-8';
	my @say = map { "say $_$text" } '', 'error: ', 'warning: ';
	for my $command ([ 'reload' ], [ 'status' ], [ 'stop' ]) {
		my $run = told([ @say, 'end 1' ], @$command);
		like($run->{output}, $plain, "$name: $command->[0]: output");
		like($run->{errors}, $plain, "$name: $command->[0]: errors");
		like("$run->{output}$run->{errors}", qr/\\x9b.*/,
		    'which is there, as \\xHH');
	}
	(my $word = $text) =~ tr/ \n//d;
	my @status = ("say version $text", "say pid 7$text", 'say started 1',
	    "say state $text", "say configuration $text",
	    "say listener $text", "say access-log $text",
	    "say generation 1 2 " . substr($word, 0, 15) . ' 3 4',
	    "say generation 1 2 \"}]$word 3 4", "say reload 5 $text", 'end 0');
	my $run = told(\@status, 'status');
	like($run->{output}, $plain, "$name: status");
	$run = told(\@status, '--json', 'status');
	like($run->{output}, $plain, "$name: status as JSON");
	my $json = eval { decode_json($run->{output}) };
	is($json->{state} =~ s/\x{fffd}+/?/gr, decoded($text), "$name: and loses no UTF-8");
	$run = told([ @say, 'end 0' ], '--json', 'reload');
	like($run->{output}, $plain, "$name: an outcome as JSON");
	$json = eval { decode_json($run->{output}) };
	is($json->{messages}[0] =~ s/\x{fffd}+/?/gr, decoded($text), "$name: is whole");
}

# The logs, whose lines a handler may have written.
{
	my $log = write_file('log/error.log',
	    "a\tline\n$every\n$unicode\nthe last line\n");
	my $status = [ "say error-log $log", 'end 0' ];
	my $run = told($status, 'logs');
	is($run->{status}, 0, 'prong logs succeeds');
	like($run->{output}, qr/\A[\t\n\x20-\x7e]*\z/, 'in printable ASCII');
	like($run->{output}, qr/^a\tline$/m, 'lines and tabs stay');
	like($run->{output}, qr/\\x1b.*\\x9b/, 'an octet is \\xHH');
	like($run->{output}, qr/^the last line\n\z/m, 'up to the end');
	$run = told([ 'say error-log ' . folder() . '/none', 'end 0' ], 'logs');
	is($run->{status}, 1, 'the status is that of tail');
}

# As many as prong keeps, and more; and lines that are no status.
{
	my $log = write_file('log/error.log', "one\n");
	my $run = told([ ("say error-log $log") x 1100, 'end 0' ], 'logs');
	is($run->{status}, 0, 'prong logs shows all that it is told of');
	is(scalar(() = $run->{output} =~ /^one$/mg), 1024, 'up to its bound');
	$run = told([ 'say ' . "\n" x 3000, 'say error-log',
	    'say error-log -f', 'say error-log --', 'say', 'x', 'end 0' ],
	    'logs');
	is($run->{status}, 1, 'what is no path is no file');
	like($run->{errors}, qr/no log is a file/, 'which is told');
}

# As the file grows; the end of prong is the end of tail.
{
	my $log = write_file('log/error.log', "one\n");
	my $path = folder() . '/liar';
	my $server = lie($path, "say error-log $log", 'end 0');
	my $pid = open my $out, '-|', Prong::program() =~ s/prongd\z/prong/r,
	    '-s', $path, 'logs', '-f' or die "prong: $!";
	is(readline $out, "one\n", 'prong logs -f shows the file');
	open my $file, '>>', $log or die "$log: $!";
	syswrite $file, "two\x1b\n";
	is(readline $out, "two\\x1b\n", 'and what is added');
	my ($tail) = Prong::Process::children($pid);
	kill 'TERM', $pid;
	close $out;
	wait_until { !Prong::Process::lives($tail) } 'the end of tail';
	pass('tail ends with prong');
	waitpid $server, 0;
}

done_testing;
