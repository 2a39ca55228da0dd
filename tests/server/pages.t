# The pages that the server makes: one look for all of them, nothing from
# elsewhere, and short where they are constants.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Digest::SHA qw(sha256_base64);
use Test::More;

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/index.html', "hello\n");
write_file('www/files/a.txt', "a\n");
my $plugins = Prong::Act::plugin_folder('act', 'extreme');
my $html = 'text/html; charset=utf-8';

sub serve {
	my ($settings) = @_;
	my $www = folder('www');
	return start(config(<<"CONF"));
plugin_dir = "$plugins";
access_log = "off";
$settings
sites = ( { routes = (
  { path = "/"; static = { root = "$www"; }; },
  { path = "/files"; static = { root = "$www/files"; listing = true; }; },
  { path = "/act"; act = { }; },
  { path = "/extreme"; extreme = { }; max_request_time = "2 s"; } ); } );
CONF
}

sub style_of {
	my ($answer) = @_;
	my ($style) = $answer->{body} =~ m{<style>(.*?)</style>}s;
	return $style;
}

my $look;

# What holds for each of them. home: has a link to the top of the host.
sub page_ok {
	my ($answer, $status, $title, $sentence, $home) = @_;
	my $body = $answer->{body};
	is($answer->{status}, $status, "$title: the status");
	is($answer->field('Content-Type'), $html, 'HTML');
	is($answer->field('Content-Length'), length $body,
	    'the length is that of the page');
	like($body, qr{\A<!DOCTYPE\ html>\n<html\ lang="en">\n
	    .*<meta\ name="viewport"\ content="width=device-width">\n
	    <title>\Q$title\E</title>\n<style>.*</style>\n
	    <main>\n<h1>\Q$title\E</h1>\n<p>\Q$sentence\E}xs,
	    'language, title, main part, heading, sentence');
	like($body, qr{</main>\n\z}, 'to its end');
	is($body =~ m{<p><a href="/">Home</a></p>} ? 1 : 0, $home,
	    $home ? 'a way home' : 'no way home');
	unlike($body, qr/<(?:script|img|link|iframe|form)|\bsrc=|url\(|\@import/,
	    'it needs nothing and runs nothing');
	unlike($body, qr/<[^>]* (?:style|on\w+)=/, 'no element has a style');
	my $style = style_of($answer);
	$look //= $style;
	is($style, $look, 'the look is that of the others');
	my $hash = sha256_base64($style);
	$hash .= '=' while length($hash) % 4;
	is($answer->field('Content-Security-Policy'), "default-src 'none'; "
	    . "base-uri 'none'; form-action 'none'; style-src 'sha256-$hash'",
	    'the policy permits this style and nothing else');
}

sub small_ok {
	my ($answer) = @_;
	cmp_ok(length($answer->{head} . $answer->{body}), '<=', 1024,
	    'the whole response fits into a segment');
}

sub without_date {
	my ($answer) = @_;
	return $answer->{head} =~ s/^Date:.*\r\n//mr;
}

{
	my $daemon = serve('crash_penalty = "0 s"; max_crashes = 0;');
	my $ask = sub {
		my ($method, $target, @fields) = @_;
		return $daemon->connect->request($method, $target, [ @fields ]);
	};
	for my $case (
		[ 'GET', '/nowhere', 404, '404 Not Found',
		    'There is nothing at this address.', 1 ],
		[ 'PUT', '/index.html', 405, '405 Method Not Allowed',
		    'This address does not take that method.', 1 ],
		[ 'GET', '/act?do=return+499', 499, '499 Client Error', '', 1 ],
		[ 'GET', '/act?do=return+500', 500, '500 Internal Server Error',
		    'The server failed to answer.', 1 ],
		[ 'GET', '/act?do=return+503', 503, '503 Service Unavailable',
		    'Not available just now.', 1 ],
		[ 'GET', '/files', 301, '301 Moved Permanently',
		    'This is now at ', 0 ],
	) {
		my ($method, $target, $status, $title, $sentence, $home) = @$case;
		page_ok($ask->($method, $target), $status, $title, $sentence,
		    $home) unless $status == 499;
		is(without_date($ask->('HEAD', $target)),
		    without_date($ask->('GET', $target)),
		    'HEAD has the same fields') if $method eq 'GET';
	}
	like($ask->('GET', '/act?do=return+499')->{body},
	    qr{<h1>499 Client Error</h1>\n<p><a href="/">Home</a></p>\n</main>\n\z},
	    'a status of which nothing is known has no sentence');
	for my $accept ('*/*', 'application/json', 'text/plain', 'text/html;q=0') {
		my $answer = $ask->('GET', '/nowhere', "Accept: $accept");
		is($answer->field('Content-Type'), $html,
		    "a page is HTML, with Accept: $accept, too");
		is($answer->field('Vary'), undef, 'and does not vary');
	}
	my $crash = $ask->('GET', '/extreme?do=null');
	page_ok($crash, 500, '500 Internal Server Error',
	    'The server failed to answer. Its log says why.', 1);
	small_ok($crash);
	is($ask->('HEAD', '/extreme?do=null')->{head}, $crash->{head},
	    'HEAD has the same fields');
	my $late = $ask->('GET', '/extreme?do=sleep');
	page_ok($late, 503, '503 Service Unavailable',
	    'This took longer than the server allows.', 1);
	small_ok($late);
	is($ask->('HEAD', '/extreme?do=sleep')->{head}, $late->{head},
	    'HEAD has the same fields');

	# The listing has more to lay out, and the same colours and type.
	my $listing = style_of($ask->('GET', '/files/'));
	for my $what (qr/--faint: ?([^;}]*)/, qr/--link: ?([^;}]*)/,
	    qr/font: ?\S*?(\/[^;}]*)/, qr/h1 ?\{ ?font-size: ?([^;]*)/) {
		my @of = map { [ map { s/, /,/gr } $_ =~ /$what/g ] } $look,
		    $listing;
		cmp_ok(scalar @{$of[0]}, '>=', 1, "$what is set");
		is_deeply($of[1], $of[0], 'and the same in listings');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('max_connections_per_client = 1;');
	my $first = $daemon->connect;
	$first->request('GET', '/');
	my $refused = $daemon->connect->answer('GET');
	page_ok($refused, 503, '503 Service Unavailable',
	    'Too many connections. Please try again in a while.', 0);
	small_ok($refused);
	like($refused->field('Retry-After'), qr/\A[0-9]+\z/,
	    'and says when to try again');
	is($daemon->stop, 0, 'the daemon stops');
}

{
	my $daemon = serve('crash_penalty = "1 min"; max_crashes = 0;');
	$daemon->connect->request('GET', '/extreme?do=null') for 1 .. 3;
	$daemon->wait_log(qr/is refused for/);
	page_ok($daemon->connect->request('GET', '/extreme?do=null'), 503,
	    '503 Service Unavailable', 'Requests from your address crash', 1);
	is($daemon->stop, 0, 'the daemon stops');
}

# Pages that are files.
{
	my $file = read_file("$ENV{PRONG_SRCDIR}/debian/index.html");
	is(style_of({ body => $file }), $look,
	    'the first page of the Debian package has the look of the others');
	like($file, qr{\A<!DOCTYPE\ html>\n<html\ lang="en">\n.*<title>.*
	    <main>\n<h1>.*</main>\n\z}xs, 'language, title, main part, heading');
	my $site = read_file("$ENV{PRONG_SRCDIR}/examples/site/style.css");
	my $listing = read_file(
	    "$ENV{PRONG_SRCDIR}/plugins/static/listing_page.c");
	my @colors = map { [ /--(?:faint|link): ?(#\w+)/g ] } $look, $site,
	    $listing, read_file("$ENV{PRONG_SRCDIR}/plugins/status/page.css");
	is_deeply($colors[1], $colors[0],
	    'the site that is an example has their colours');
	is_deeply($colors[2], $colors[0], 'and so have listings');
	is_deeply($colors[3], $colors[0], 'and the page of the status');
}

# Dark and light.
like($look, qr/color-scheme:light dark/, 'pages are light and dark');
{
	my ($light, $dark) = map { [ $look =~ /$_/g ] }
	    qr/\A\s*:root\{[^}]*?--faint:(#\w+);--link:(#\w+)/,
	    qr/dark\)\s*\{:root\{--faint:(#\w+);--link:(#\w+)/;
	# The browsers' own dark canvases are #121212 and #1c1b22.
	cmp_ok(contrast($_, '#ffffff'), '>=', 4.5, "$_ on white can be read")
	    for @$light;
	cmp_ok(contrast($_, '#1c1b22'), '>=', 4.5, "$_ on black can be read")
	    for @$dark;
	is(@$light + @$dark, 4, 'both have their colours');
}

# WCAG 2.1, 1.4.3.
sub luminance {
	my ($color) = @_;
	$color =~ s/\A#(.)(.)(.)\z/#$1$1$2$2$3$3/;
	my @rgb = map { my $c = hex($_) / 255;
	    $c <= 0.03928 ? $c / 12.92 : (($c + 0.055) / 1.055) ** 2.4 }
	    $color =~ /([0-9a-f]{2})/gi;
	return 0.2126 * $rgb[0] + 0.7152 * $rgb[1] + 0.0722 * $rgb[2];
}

sub contrast {
	my ($lighter, $darker) = sort { $b <=> $a } map { luminance($_) } @_;
	return ($lighter + 0.05) / ($darker + 0.05);
}

# One definition: no other source has a part of the look.
{
	my @with = grep { read_file($_) =~ /color-scheme/ }
	    glob "$ENV{PRONG_SRCDIR}/{src,plugins}/*/*.[ch]";
	is_deeply([ map { m{([^/]+/[^/]+)\z} } @with ],
	    [ 'http/page.h', 'static/listing_page.c' ],
	    'the look is defined once, and the table of listings once');
}

done_testing;
