# What server, site and route may say alike: who is answered, which fields all
# answers have, and which pages errors have. The innermost counts.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/a.txt', "a\n");
write_file('www/tagged.txt', "0123456789");
my $www = folder('www');
my $pages = folder('pages');
write_file('pages/404.html', "<p>nothing here\n");
write_file('pages/site.txt', "of the site\n");
write_file('pages/route.json', '{"of":"the route"}');
write_file('pages/large.svg', lines(300_000));
write_file('pages/empty.html', '');
write_file('pages/plain', "plain\n");

my $plugins = Prong::Act::plugin_folder();

# Settings of the server, of a site, of its routes /r and /.
sub three {
	my ($server, $site, $route) = @_;
	$_ //= '' for $server, $site, $route;
	return config(<<"CONF");
plugin_dir = "$plugins";
$server
sites = ( { $site routes = (
  { path = "/r"; $route act = { }; },
  { path = "/act"; act = { }; },
  { path = "/files"; static = { root = "$www"; }; } ); } );
CONF
}

# Fields: "Name: value" of the three; those of answers at /r and at /act.
sub fields_of {
	my ($answer, $name) = @_;
	return join ' | ', $answer->values($name);
}

my $config = three(
    'fields = [ "X-All: server", "X-Server: yes", "Server: x/1" ];',
    'fields = [ "X-All: site", "X-Site: yes", "X-Twice: 1", "X-Twice: 2" ];',
    'fields = [ "x-all: route", "X-Empty:" ];');
for my $case (
	['/r?do=print+x', 200, 'route', 'yes', 'yes', ''],
	['/act?do=print+x', 200, 'site', 'yes', 'yes', undef],
	['/nowhere', 404, 'site', 'yes', 'yes', undef],
	['/act?do=return+503', 503, 'site', 'yes', 'yes', undef],
	['/r?do=return+500', 500, 'route', 'yes', 'yes', ''],
	['/r?do=field+X-All%3A+handler%7Cprint+x', 200, 'route', 'yes', 'yes', ''],
	['/r?do=status+204%7Cprint', 204, 'route', 'yes', 'yes', ''],
	['/files/a.txt', 200, 'site', 'yes', 'yes', undef],
) {
	my ($target, $status, $all, $site, $server, $empty) = @$case;
	for my $method ('GET', 'HEAD') {
		my $answer = ask($config, $method, $target);
		is($answer->{status}, $status, "$method $target: the status");
		fields_ok($answer, { 'X-All' => $all, 'X-Site' => $site,
		    'X-Server' => $server, 'X-Empty' => $empty,
		    Server => 'x/1' }, "$method $target: fields by setting");
		is(fields_of($answer, 'X-Twice'), '1 | 2',
		    'several of a name stay together');
	}
}
{
	my $answer = ask($config, 'POST', '/files/a.txt', [], 'x');
	is($answer->{status}, 405, 'a method that is not allowed');
	is($answer->field('X-Site'), 'yes', 'has the fields');
	$answer = ask($config, 'OPTIONS', '/files/a.txt');
	is($answer->field('X-Site'), 'yes', 'OPTIONS has the fields');
	$answer = (responses(once($config, "GET / HTTP/1.1\r\n\r\n")))[0];
	fields_ok($answer, { 'X-All' => 'server', 'X-Site' => undef },
	    'a malformed request has those of the server');
	my $tag = get($config, '/files/a.txt')->field('ETag');
	$answer = get($config, '/files/a.txt', "If-None-Match: $tag");
	is($answer->{status}, 304, 'a condition');
	is($answer->field('X-Site'), 'yes', 'has the fields, too');
	$answer = get($config, '/files/a.txt', 'Range: bytes=99-');
	is($answer->{status} . $answer->field('X-Site'), '416yes',
	    'and so has a range that is not there');
}
$config = three('fields = [ "Vary: X-A", "Set-Cookie: a=1", "Link: </a>" ];');
{
	my $all = get($config, steps(join '|', 'field Vary: X-B',
	    'field Set-Cookie: b=2', 'field Link: </b>', 'print x'));
	is(fields_of($all, 'Vary'), 'X-B | X-A', 'Vary goes beside');
	is(fields_of($all, 'Set-Cookie'), 'b=2 | a=1', 'so do cookies');
	is(fields_of($all, 'Link'), '</b> | </a>', 'and links');
}

# Pages.
sub page {
	my ($status, $file, $more) = @_;
	return "{ status = $status; file = \"$pages/$file\"; " . ($more // '')
	    . ' }';
}

sub error_pages {
	return 'error_pages = ( ' . join(', ', @_) . ' );';
}

$config = three(error_pages(page(404, '404.html'), page('[ 400, 500 ]',
    'plain', 'type = "text/x-own";'), page(418, 'large.svg'),
    page(412, '404.html'), page(416, '404.html'), page(410, 'empty.html')),
    error_pages(page(403, 'site.txt'), page(500, 'site.txt')),
    error_pages(page(404, 'route.json')) . ' deny = "192.0.2.0/24";');
my $html = 'text/html; charset=utf-8';
for my $case (
	['/nowhere', 404, $html, "<p>nothing here\n"],
	['/files/none', 404, $html, "<p>nothing here\n"],
	['/r?do=return+404', 404, 'application/json', '{"of":"the route"}'],
	['/r?do=return+500', 500, 'text/plain; charset=utf-8', "of the site\n"],
	['/act?do=return+403', 403, 'text/plain; charset=utf-8', "of the site\n"],
	['/act?do=return+418', 418, 'image/svg+xml', lines(300_000)],
	['/act?do=return+410', 410, $html, ''],
	['/%', 400, 'text/x-own', "plain\n"],
	['/r?do=status+404%7Cprint+own', 404, 'text/plain; charset=utf-8', 'own'],
	['/act?do=return+503', 503, $html, qr/<h1>503/],
	['/act?do=print+half%7Cfield+Content-Type:+x/y%7Cetag+t%7Creturn+404',
	    404, $html, "<p>nothing here\n"],
) {
	my ($target, $status, $type, $body) = @$case;
	my $get = ask($config, 'GET', $target);
	is($get->{status}, $status, "$target: the status stays");
	is($get->field('Content-Type'), $type, 'the page has its type');
	ref $body ? like($get->{body}, $body, 'and the content')
	    : ok($get->{body} eq $body, 'and the content');
	is($get->field('ETag'), undef, 'and no validator');
	my $head = ask($config, 'HEAD', $target);
	is($head->{head} =~ s/^Date:.*$//mr, $get->{head} =~ s/^Date:.*$//mr,
	    'HEAD has the same fields');
}
is(get($config, '/files/tagged.txt', 'If-Match: "x"')->{body},
    "<p>nothing here\n", 'a condition that failed has its page');
{
	my $answer = get($config, '/files/tagged.txt', 'Range: bytes=10-');
	is($answer->{body}, "<p>nothing here\n",
	    'a range that is not there has its page');
	is($answer->field('Content-Range'), 'bytes */10', 'and the length');
	$answer = get($config, '/nowhere', 'Range: bytes=0-1',
	    'If-None-Match: *');
	is($answer->{status}, 404, 'a page has no ranges and no conditions');
	my @answers = responses(once($config, request('GET', '/nowhere')
	    . request('GET', '/act?do=return+418') . request('GET',
	    '/files/a.txt', ['Connection: close'])));
	is(join(' ', map { $_->{status} } @answers), '404 418 200',
	    'a connection goes on after pages');
}

# A generation has the pages from the master, not from the disk.
{
	my $gone = write_file('gone/404.html', "still here\n");
	my $daemon = start(three(error_pages(
	    "{ status = 404; file = \"$gone\"; }")));
	is($daemon->get('/nowhere')->{body}, "still here\n", 'a page');
	unlink $gone;
	is($daemon->get('/nowhere')->{body}, "still here\n",
	    'is there when its file has gone');
	my ($pid) = $daemon->log =~ /fork\(\) = (\d+): generation 1/;
	($pid) = Prong::Process::children($daemon->pid) unless $pid;
	kill 'KILL', $pid;
	$daemon->wait_log(qr/generation 2 is ready/);
	is($daemon->get('/nowhere')->{body}, "still here\n",
	    'for the next generation as well');
	is($daemon->stop, 0, 'the daemon stops');
}

# Networks, of a client at 127.0.0.1.
my ($in, $out) = ('[ "127.0.0.0/8", "::1" ]', '"192.0.2.0/24"');
for my $case (
	["allow = $in;", '', '', 200, 200], ["allow = $out;", '', '', 403, 403],
	["deny = $in;", '', '', 403, 403], ["deny = $out;", '', '', 200, 200],
	['', "allow = $out;", '', 403, 403], ['', "deny = $in;", '', 403, 403],
	['', '', "allow = $out;", 403, 200], ['', '', "deny = $in;", 403, 200],
	["allow = $out;", "allow = $in;", '', 200, 200],
	["allow = $out;", '', "allow = $in;", 200, 403],
	["allow = $in;", "allow = $out;", "allow = $in;", 200, 403],
	["deny = $in;", 'deny = [ ];', '', 200, 200],
	["deny = $in;", '', "deny = $out;", 200, 403],
	["deny = $in;", '', "allow = $in;", 403, 403],
	["allow = $in;", "deny = $in;", '', 403, 403],
	['', "deny = $in;", 'deny = [ ];', 200, 403],
) {
	my ($server, $site, $route, $at_route, $elsewhere) = @$case;
	my $title = "server \"$server\" site \"$site\" route \"$route\"";
	my $config = three($server, $site, $route);
	is(get($config, '/r?do=print+x')->{status}, $at_route,
	    "$title: at the route");
	is(get($config, '/act?do=print+x')->{status}, $elsewhere,
	    "$title: elsewhere");
	is(get($config, '/nowhere')->{status},
	    $elsewhere == 200 ? 404 : 403, "$title: where there is no route");
}

# What is none.
for my $case (
	['fields = [ "X" ];', qr/fields\[0\]: found "X"; possible: "Name: value"/],
	['fields = [ "X : a" ];', qr/possible: "Name: value"/],
	['fields = [ "X: a\nY: b" ];', qr/possible: "Name: value"/],
	['fields = [ "X: a\r" ];', qr/possible: "Name: value"/],
	['fields = [ ": a" ];', qr/possible: "Name: value"/],
	['fields = "";', qr/possible: "Name: value"/],
	['fields = [ 1 ];', qr/possible: a string/],
	['fields = { };', qr/fields: found a group/],
	['fields = "Content-Length: 1";', qr/which the server alone sets/],
	['fields = "transfer-encoding: x";', qr/which the server alone sets/],
	['fields = "Connection: close";', qr/which the server alone sets/],
	['fields = "Content-Type: a/b";', qr/suit all answers/],
	['fields = "ETag: \"a\"";', qr/suit all answers/],
	['error_pages = 404;', qr/error_pages: found the number 404; possible: a list of groups/],
	['error_pages = ( 404 );', qr/possible: a group, as in/],
	['error_pages = ( { status = 404; } );', qr/found no file/],
	["error_pages = ( { file = \"$pages/404.html\"; } );", qr/found no status/],
	[error_pages(page(200, '404.html')), qr/status: found the number 200; possible: a whole number from 400 to 599/],
	[error_pages(page(600, '404.html')), qr/from 400 to 599/],
	[error_pages(page('"404"', '404.html')), qr/from 400 to 599/],
	[error_pages(page('[ 404, 1 ]', '404.html')), qr/from 400 to 599/],
	[error_pages(page(404, 'none.html')), qr/cannot \(No such file/],
	[error_pages(page(404, '../pages')), qr/possible: a name that ends in/],
	[error_pages(page(404, '.', 'type = "a/b";')), qr/cannot \(Is a directory/],
	[error_pages(page(404, 'plain')), qr/possible: a name that ends in \.html/],
	[error_pages(page(404, '404.html', 'type = "html";')), qr/a media type/],
	[error_pages(page(404, '404.html', 'typ = "a/b";')), qr/is "type" meant/],
	['error_pages = ( { status = 404; file = "404.html"; } );', qr/an absolute path/],
	['allow = [ ];', qr/at least one network; everyone is/],
	['allow = "localhost";', qr/write an address/],
	['allow = { };', qr/allow: found a group/],
) {
	my ($setting, $why) = @$case;
	my $shown = substr $setting, 0, 70;
	for my $config (three("\n$setting"), three('', "\n$setting"),
	    three('', '', "\n$setting")) {
		my $run = prongd('-t', '-c', $config);
		is($run->{status}, 1, "an error: $shown");
		like($run->{errors}, qr/prongd\.conf:\d+: .*$why/,
		    'with line and reason');
	}
}
write_file('pages/huge.html', 'x' x (1024 * 1024 + 1));
like(prongd('-t', '-c', three(error_pages(page(404, 'huge.html'))))->{errors},
    qr/cannot \(more than 1 MiB\)/, 'a page of more than 1 MiB is an error');
write_file('pages/huge.html', 'x' x (1024 * 1024));
is(length get(three(error_pages(page(404, 'huge.html'))), '/nowhere')->{body},
    1024 * 1024, 'one of 1 MiB is sent');

done_testing;
