# Targets as clients send them: what they should have encoded is encoded for
# them, and routes, rules, handlers and logs see nothing else; or it is refused.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;

write_file("www/caf\xc3\xa9.txt", "coffee\n");
write_file('www/{c}.txt', "braces\n");
write_file("www/caf\xc3\xa9/index.html", "inside\n");
my $log = folder('log') . '/access';
my $other = folder('other');
write_file('other/a.txt', "other\n");

sub daemon {
	my ($setting) = @_;
	return start(act_config(<<"CONF", <<"ROUTES"));
access_log = "$log"; access_log_format = "%r %U %q"; $setting
CONF
{ path = "/caf\xc3\xa9/closed"; deny = [ "0.0.0.0/0" ]; act = { }; },
{ path = "/keep"; encoded_slash = "keep"; act = { }; },
{ path = "/keep/closed"; deny = [ "0.0.0.0/0" ]; act = { }; },
{ path = "/refuse"; encoded_slash = "refuse"; act = { }; },
{ path = "/far"; max_open_files = 99; act = { }; }
ROUTES
}

sub last_line {
	my ($daemon, $match) = @_;
	my $line;
	wait_until { ($line) = grep { /$match/ } split /\n/, -e $log
	    ? read_file($log) : '' } 'a line of the access log';
	return $line;
}

# Target, as it is seen, status, content.
my @cases = (
	["/caf\xc3\xa9.txt", '/caf%C3%A9.txt', 200, "coffee\n"],
	['/caf%C3%A9.txt', '/caf%C3%A9.txt', 200, "coffee\n"],
	['/caf%c3%a9.txt', '/caf%c3%a9.txt', 200, "coffee\n"],
	['/{c}.txt', '/%7Bc%7D.txt', 200, "braces\n"],
	["/caf\xe9.txt", '/caf%E9.txt', 404, undef],
	["/caf\xc3\xa9/closed", '/caf%C3%A9/closed', 403, undef],
	['/caf%C3%A9/closed/x', '/caf%C3%A9/closed/x', 403, undef],
	["/caf\xc3\xa9/../caf\xc3\xa9/closed",
	    '/caf%C3%A9/../caf%C3%A9/closed', 403, undef],
	['/none?q="<>"', '/none?q=%22%3C%3E%22', 404, undef],
	["/none?q=\xc3\xa9&r={}", '/none?q=%C3%A9&r={}', 404, undef],
);
my $daemon = daemon('');
for my $case (@cases) {
	my ($target, $seen, $status, $content) = @$case;
	my $answer = $daemon->get($target);
	is($answer->{status}, $status, "$seen: status");
	is($answer->{body}, $content, "$seen: content") if defined $content;
	my ($path, $query) = split /(?=\?)/, $seen;
	$query //= '';
	is(last_line($daemon, qr/\AGET \Q$seen\E /),
	    "GET $seen HTTP/1.1 $path $query", "$seen: the access log");
}

# What handlers are told, also after a hand-off.
for my $route ('/act', '/far') {
	my $client = $daemon->connect;
	$client->request('GET', '/caf%C3%A9.txt');
	my $answer = $client->request('GET',
	    "$route/\xc3\xa9?q=\xc3\xa9\"<&do=tell+path%7Ctell+query_string"
	    . '%7Ctell+query+q%7Ctell+target');
	my $do = 'do=tell+path%7Ctell+query_string%7Ctell+query+q%7Ctell+target';
	is($answer->{body}, "[$route/\xc3\xa9][q=%C3%A9%22%3C&$do]"
	    . "[\xc3\xa9\"<][$route/%C3%A9?q=%C3%A9%22%3C&$do]",
	    "$route: path, query and target");
}
my $answer = $daemon->get("/caf\xc3\xa9?x=\"");
is($answer->field('Location'), './caf%C3%A9/?x=%22', 'a redirect is encoded');

# The limit is for what is sent.
is($daemon->get('/none?' . "\xc3" x 8000)->{status}, 404,
    'a line may be longer when it is encoded');

# What stays refused.
for my $target ('/a\\b', '/a#b', "/a\x01", "/a\x7f", "http://\xc3\xa9/",
    'http://{}/', '/a%', "\xc3\xa9", '{}') {
	is($daemon->get($target)->{status}, 400, "$target: refused");
}

# Encoded slashes.
for my $case (
	['/keep/@scope%2fname', '/@scope%2Fname'], ['/keep/a%252Fb', '/a%252Fb'],
	['/keep/100%25', '/100%25'], ['/keep/a%2F../b', '/a%2F../b'],
	['/keep/a%2F%2e%2e/b', '/a%2F../b'], ['/keep/%2F/../b', '/b'],
	['/keep/closed%2Fx', '/closed%2Fx'], ['/keep', ''],
	["/keep/\xc3\xa9%2F", "/\xc3\xa9%2F"],
) {
	my ($path, $info) = @$case;
	my $answer = $daemon->get("$path?do=tell%20path%7Ctell%20path_info");
	is($answer->{body}, "[/keep$info][$info]", "$path: kept");
}
is($daemon->get($_)->{status}, 403, "$_: the rules of its route")
    for '/keep/closed/a', '/keep/closed/a/../b', '/keep/x/../closed';
is($daemon->get($_)->{status}, 400, "$_: refused") for '/act/a%2Fb',
    '/keep%2Fa', '/keep/closed/a%2Fb', '/refuse/a%2Fb', '/none%2F', '/%2F',
    '/keep/%2f/../../act/%2f', '/keep/%2F%00';
is($daemon->stop, 0, 'the daemon stops');

$daemon = daemon('target = "strict";');
for my $case (@cases) {
	my ($target, $seen, $status) = @$case;
	is($daemon->get($target)->{status}, $target eq $seen ? $status : 400,
	    "$seen: strict");
}
is($daemon->stop, 0, 'the daemon stops');
done_testing;
