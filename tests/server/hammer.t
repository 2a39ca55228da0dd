# The clients that other tests rely on: they find nothing wrong with the server
# as it is, and notice whatever can be wrong with an answer.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use Prong;
use Prong::Hammer;

my $plugins = folder('plugins');
File::Copy::copy("$ENV{PRONG_PLUGINS}/$_.so", $plugins) or die "copy: $!"
    for qw(echo static);
Prong::Hammer::install_build(3, $plugins);

# Written out here, lest the program agrees with itself alone.
sub pattern {
	my ($path, $octets) = @_;
	my $text = join '', map { sprintf "%s line %08d\n", $path, $_ }
	    0 .. $octets / length "$path line 00000000\n";
	return substr $text, 0, $octets;
}

write_file("www/$_", pattern("/$_", $_)) for 1, 100, 65_536, 1_000_000;
my $daemon = start(config("plugin_dir = \"$plugins\"; access_log = \"off\";\n"
    . "max_connections_per_client = 0;\n"
    . 'sites = ( { routes = ( { path = "/build"; build = { }; }, '
    . '{ path = "/echo"; echo = { }; }, { path = "/"; static = { root = "'
    . folder('www') . '"; }; } ); } );'));

# All kinds, in less time than usual.
my @hurry = map { ('-t', "$_=0.2") } qw(large download upload chunked);
{
	my $hammer = Prong::Hammer->start(@hurry, $daemon->address);
	my $totals = $hammer->wait_answers(2);
	my @kinds = sort keys %{$totals->{kinds}};
	is_deeply(\@kinds, [qw(chunked download idle kept large new upload)],
	    'clients of every kind are answered');
	$totals = $hammer->stop;
	is($totals->{failed}, 0, 'nothing failed') or diag($totals->{text});
	is($totals->{status}, 0, 'which the status says');
	is_deeply([ keys %{$totals->{builds}} ], [3],
	    'all answers that name a build are of the one there is');
	my $kind = $totals->{kinds};
	is($kind->{new}{connections}, $kind->{new}{requests},
	    'each new request has a connection');
	cmp_ok($kind->{kept}{connections}, '<', $kind->{kept}{requests},
	    'kept connections serve several');
	is($kind->{download}{octets},
	    $kind->{download}{requests} * 10240 * 1024,
	    'downloads are of full length');
	cmp_ok($kind->{download}{p50}, '>=', 190_000,
	    'and as slow as they are told to be');
	cmp_ok($kind->{upload}{p50}, '>=', 180_000, 'so are uploads');
	note($totals->{text});
}

# What one client finds wrong: "reset", or nothing.
sub found {
	my ($address, $kind, $target, @arguments) = @_;
	my $hammer = Prong::Hammer->start('-c', 0, '-c', "$kind=1", '-p',
	    "$kind=$target", @arguments, $address);
	my $totals = $hammer->wait_for(sub { $_[0]{failed}
	    || $_[0]{kinds}{$kind}{requests} > 1 }, 'an answer');
	my $last = $hammer->stop;
	die 'the status of exit does not fit'
	    unless $last->{status} == ($last->{failed} ? 1 : 0);
	return join ' ', sort keys %{$last->{failures}};
}

# Targets, and what is wrong with them.
my @targets = (
	[ '/100', '', 'a small file is right' ],
	[ '/1', '', 'so is one of one octet' ],
	[ '/65536', '', 'and one that is larger' ],
	[ '/1000000', '', 'and one that is much larger' ],
	[ '/build?kib=100', '', 'a build is right' ],
	[ '/build?kib=100&chunked', '', 'also in chunks' ],
	[ '/build?kib=300&ms=50', '', 'and slowly' ],
	[ '/build?kib=200&fault=mixed', 'mixed', 'two builds in an answer' ],
	[ '/build?kib=200&fault=octet', 'content', 'one wrong octet' ],
	[ '/build?kib=200&fault=short', 'cut', 'an answer that is cut' ],
	[ '/build?kib=200&fault=short&chunked', 'content',
	    'an answer in chunks that is too short' ],
	[ '/build?kib=1000&fault=exit&chunked', 'cut',
	    'an answer in chunks that is cut' ],
	[ '/build?kib=1&fault=exit', 'closed', 'no answer' ],
	[ '/build?kib=100&fault=status', 'status', 'another status' ],
	[ '/build?kib=1000&fault=silence', 'timeout', 'silence',
	    '-w', '0.2' ],
	[ '/build?kib=2000&ms=5000', 'timeout', 'an answer without end',
	    '-r', '0.2' ],
	[ '/absent/100', 'status', 'a file that is not there' ],
);
for (@targets) {
	my ($target, $expected, $title, @arguments) = @$_;
	is(found($daemon->address, 'kept', $target, @arguments),
	    $expected, $expected ? "$title is noticed: $expected" : $title);
}

# A server whose answers are these octets, whatever it is asked: each on a
# connection of its own, which it then resets or closes.
sub canned {
	my ($octets, $reset) = @_;
	my $listener = IO::Socket::INET->new(LocalHost => '127.0.0.1',
	    Listen => 10) or die "listen: $@";
	my $pid = fork;
	defined $pid or die "fork: $!";
	return ($pid, '127.0.0.1:' . $listener->sockport) if $pid;
	while (my $client = $listener->accept) {
		my $asked = '';
		sysread $client, $asked, 4096, length $asked or last
		    until $asked =~ /\r\n\r\n/;
		syswrite $client, $octets;
		setsockopt $client, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0
		    if $reset;
		close $client;
	}
	POSIX::_exit(0);
}

my $ok = "HTTP/1.1 200 OK\r\n";
my $close = "Connection: close\r\n";
my $content = pattern('/100', 100);
my $chunked = "$ok${close}Transfer-Encoding: chunked\r\n\r\n";
my $hundred = "$ok${close}Content-Length: 100\r\n\r\n";
my @canned = (
	[ "$hundred$content", '', 'an answer and a close that it announces' ],
	[ "${ok}Content-Length: 100\r\n\r\n$content", '',
	    'a close between requests costs nothing', 0, 'idle' ],
	[ "${chunked}64\r\n$content\r\n0\r\n\r\n", '', 'chunks' ],
	[ "${chunked}1\r\n/\r\n63\r\n" . substr($content, 1) . "\r\n0\r\n\r\n",
	    '', 'several chunks' ],
	[ '', 'closed', 'a close without an answer' ],
	[ 'HTTP/1', 'cut', 'a close within the head' ],
	[ $hundred . substr($content, 1), 'content', 'a lost octet' ],
	[ $hundred . substr($content, 0, 99), 'cut', 'a lost end' ],
	[ "${ok}Content-Length: 99\r\n\r\n" . substr($content, 0, 99),
	    'content', 'another length' ],
	[ "$hundred$content!", 'malformed', 'an octet too many' ],
	[ "$ok$close\r\n$content", 'malformed', 'an answer without length' ],
	[ "${ok}Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n"
	    . "64\r\n$content\r\n0\r\n\r\n", 'malformed',
	    'an answer with two lengths' ],
	[ "${chunked}65\r\n$content\r\n0\r\n\r\n", 'content',
	    'a chunk of a wrong size' ],
	[ "${chunked}63\r\n$content\r\n0\r\n\r\n", 'malformed',
	    'and of another' ],
	[ "${chunked}64\r\n$content\r\n", 'cut', 'a lost last chunk' ],
	[ "${chunked}64\r\n$content\r\n0\r\n\r\n0", 'malformed',
	    'an octet behind the last chunk' ],
	[ "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 'status', '503' ],
	[ 'SSH-2.0-mistaken' . "\r\n\r\n", 'malformed', 'another protocol' ],
	[ '', 'reset', 'a reset without an answer', 1 ],
	[ $hundred . substr($content, 0, 50), 'cut',
	    'a reset within an answer', 1 ],
	[ "$hundred$content", 'reset-late', 'a reset in place of a close', 1 ],
);
for (@canned) {
	my ($octets, $expected, $title, $reset, $kind) = @$_;
	my ($pid, $address) = canned($octets, $reset);
	is(found($address, $kind || 'kept', '/100'), $expected,
	    $expected ? "$title is noticed: $expected" : $title);
	kill 'TERM', $pid;
	waitpid $pid, 0;
}

# The server itself, killed.
{
	my $hammer = Prong::Hammer->start(@hurry, $daemon->address);
	my $before = $hammer->wait_for(sub { $_[0]{kinds}{kept}{requests}
	    && $_[0]{kinds}{new}{requests} }, 'answers');
	is($before->{failed}, 0, 'all is well before the server is killed')
	    or diag($before->{text});
	$daemon->stop('KILL');
	$hammer->wait_for(sub { $_[0]{failures}{refused} }, 'a refusal');
	my $after = $hammer->stop;
	is($after->{status}, 1, 'that the server is killed is noticed');
	note($after->{text});
}

done_testing;
