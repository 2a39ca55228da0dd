# The access log's formats: what each says, that no octet of a client's breaks
# out of its place, and which formats are none.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "eleven octets\n");
my $log = folder('logs') . '/access';
my $config;

# What a connection with these octets leaves in the log.
sub logged {
	my ($format, $octets) = @_;
	unlink $log;
	$format =~ s/(["\\])/\\$1/g;
	$config = act_config("access_log = \"$log\"; "
	    . "access_log_format = \"$format\";");
	once($config, $octets);
	return read_file($log);
}

my $get = "GET /a.txt?q=1 HTTP/1.1\r\nHost: Example.ORG:81\r\n"
    . "Referer: http://b/\r\nUser-Agent: test/1\r\nConnection: close\r\n\r\n";
my $stamp = qr{\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]};

for my $case (
	['common', qr{127\.0\.0\.1 - - $stamp "GET /a\.txt\?q=1 HTTP/1\.1" 200 14}],
	['combined', qr{127\.0\.0\.1 - - $stamp "GET /a\.txt\?q=1 HTTP/1\.1" 200 14 "http://b/" "test/1"}],
	['%h %l %u %t "%r" %>s %b', qr{127\.0\.0\.1 - - $stamp "GET /a\.txt\?q=1 HTTP/1\.1" 200 14}],
	['%a|%m|%U|%q|%H', qr{127\.0\.0\.1\|GET\|/a\.txt\|\?q=1\|HTTP/1\.1}],
	['%s %B %V %v', qr{200 14 example\.org example\.org}],
	['%R %{route}R', qr{static /}],
	['%D %{us}T', qr{(\d+) \1}], ['%T %{s}T', qr{(\d+) \1}],
	['%{ms}T', qr{\d+}], ['%P', qr{[1-9]\d*}],
	['%{Host}i %{Nothing}i', qr{Example\.ORG:81 -}],
	['%{Content-Type}o', qr{text/plain; charset=utf-8}],
	['%{Location}o', qr{-}], ['100%% %%h', qr{100% %h}],
) {
	my ($format, $want) = @$case;
	like(logged($format, $get), qr/\A$want\n\z/, $format);
}
like(logged('%D', request('GET', steps('sleep 30', 'print x'),
    ['Connection: close'])), qr/\A[3-9]\d{4}\n\z|\A\d{6,}\n\z/,
    'the duration is in microseconds');
like(logged('%R %{route}R %s', "GET\r\n\r\n"), qr/\A- - 400\n\z/,
    'no handler has answered a malformed request');

# JSON: decoded again, it has what was sent, octet by octet.
my $json = JSON::PP->new->latin1;

sub record {
	my @lines = split /^/, logged('json', $_[0]);
	return @lines == 1 ? eval { $json->decode($lines[0]) } : undef;
}

my $all = record($get);
is(join(' ', sort keys %$all), 'bytes client duration_us handler host id '
    . 'method protocol referer route status target time user_agent',
    'JSON has these members');
is_deeply({ map { $_ => $all->{$_} } grep { !/time|duration|^id$/ }
    keys %$all },
    { bytes => 14, client => '127.0.0.1', handler => 'static',
    host => 'example.org', method => 'GET', protocol => 'HTTP/1.1',
    referer => 'http://b/', route => '/', status => 200,
    target => '/a.txt?q=1', user_agent => 'test/1' }, 'with these values');
like($all->{id}, qr/\A[0-9a-f]{32}\z/, 'the id is made');
like($all->{time}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}\z/,
    'the time is one of ISO 8601');
my $any = join '', "\t", map { chr } 0x20 .. 0x7e, 0x80 .. 0xff;
for my $part (0 .. 15) {
	my $octets = substr $any, 14 * $part, 14;
	my $sent = "x${octets}x";
	my $record = record("GET /a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent: $sent"
	    . "\r\nReferer: $sent\r\nConnection: close\r\n\r\n");
	is($record && $record->{user_agent}, $sent, "JSON keeps "
	    . unpack 'H*', $octets);
	is($record && $record->{referer}, $sent, 'in the referrer, too');
}
for my $octet (map { chr } 0 .. 8, 11, 12, 14 .. 31, 127) {
	my $record = record("GET /$octet HTTP/1.1\r\nHost: $octet\r\n"
	    . "User-Agent: a${octet}b\r\n\r\n");
	is($record && $record->{status}, 400, 'a refused request is JSON with '
	    . unpack 'H*', $octet);
}
for my $length (1100, 1200, 1300, 3000, 9000) {
	my $record = record("GET /a.txt?" . '"' x ($length / 2)
	    . " HTTP/1.1\r\nHost: a\r\nReferer: " . '\\' x $length
	    . "\r\nUser-Agent: " . "\xff" x $length
	    . "\r\nConnection: close\r\n\r\n");
	ok($record && defined $record->{status},
	    "fields of $length octets leave JSON whole");
}

# Formats that are none.
for my $case (
	['%z', qr/not "%z"/], ['%h %', qr/not "%"/], ['%{Host}', qr/not "%\{Host\}"/],
	['%{Ho st}i', qr/not "%\{Ho"/], ['%>b', qr/not "%>b"/],
	['%{m}T', qr/not "%\{m\}T"/], ['combine', qr/"combined", "common", "json"/],
	['', qr/"combined", "common", "json"/], ['JSON', qr/"json"/],
	["%h\\t", qr/printable ASCII/], ["%h \xc3\xa4", qr/printable ASCII/],
	["%h\\n%h", qr/printable ASCII/],
) {
	my ($format, $why) = @$case;
	my $run = prongd('-t', '-c', act_config(
	    "\n\naccess_log_format = \"$format\";"));
	is($run->{status}, 1, "no format: $format");
	like($run->{errors}, qr/:\d+: access_log_format: found ".*possible: .*$why/,
	    'the error says why');
}
my $run = prongd('-t', '-c', act_config('access_log_format = "%z";'));
like($run->{errors}, qr/possible: %h %a .*%\{Name\}i %\{Name\}o; not "%z"/,
    'and what is possible');

done_testing;
