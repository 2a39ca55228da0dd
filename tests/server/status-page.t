# The page of the status: complete without script, updated by events, and harmless
# whatever clients send.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Digest::SHA qw(sha256_base64);
use JSON::PP qw(decode_json);
use Test::More;

use Prong;
use Prong::Act;

my $routes = '{ path = "/status"; status = { }; }, '
    . '{ exact = "/open"; status = { queries = true; }; }, '
    . '{ exact = "/closed"; status = { queries = true; targets = false; }; }, '
    . '{ path = "/"; echo = { }; }';

sub hash_of {
	my ($text) = @_;
	my $hash = sha256_base64($text);
	$hash .= '=' while length($hash) % 4;
	return "'sha256-$hash'";
}

# Prong's own connection, as it would be without workers.
sub page {
	my ($daemon, $query, @fields) = @_;
	my $client = $daemon->connect;
	my $answer = $client->request('GET', '/status' . ($query || ''),
	    [ 'Accept: text/html,*/*;q=0.8', @fields ]);
	$client->close;
	return $answer;
}

my $daemon = start(config($routes));

{
	my $page = page($daemon);
	is($page->{status}, 200, 'a browser gets a page');
	is($page->field('Content-Type'), 'text/html; charset=utf-8', 'of HTML');
	is($page->field('Cache-Control'), 'no-store', 'which nobody keeps');
	my ($style) = $page->{body} =~ m{<style>(.*?)</style>}s;
	my ($script) = $page->{body} =~ m{<script>(.*?)</script>}s;
	is($page->field('Content-Security-Policy'), "default-src 'none'; "
	    . "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
	    . "connect-src 'self'; style-src " . hash_of($style)
	    . '; script-src ' . hash_of($script),
	    'its own style and script are permitted, and nothing else');
	is($style, read_file("$ENV{PRONG_SRCDIR}/plugins/status/page.css"),
	    'the style is that of the file');
	is($script, read_file("$ENV{PRONG_SRCDIR}/plugins/status/page.js"),
	    'and so is the script');
	is($page->field('Cross-Origin-Resource-Policy'), 'same-origin',
	    'other sites cannot include it');
	is($page->field('Referrer-Policy'), 'no-referrer',
	    'and learn nothing of it');
	(my $rest = $page->{body}) =~ s{<(style|script)>.*?</\1>}{}gs;
	unlike($rest, qr/<[^>]* (?:style|on\w+)=/,
	    'no element has a style or a handler of events');
	unlike($rest, qr/(?:src|href)="(?!\?)/, 'it needs nothing else');
	like($rest, qr{<noscript><meta http-equiv="refresh"},
	    'without script it is loaded again');
	like($rest, qr{<h1>prong <small>\d}, 'it has the version');
	like($rest, qr{class="ready">ready<}, 'the state');
	like($rest, qr{>Requests a second<}, 'the requests');
	like($rest, qr{>generation 1</th><td class="text serving">serving<},
	    'the generation');
	like($rest, qr{<th scope="row">echo</th>}, 'the handlers');
	like($rest, qr{<td>handling</td>.*<td>GET /status</td><td>status</td>},
	    'and the connection itself');
	is(page($daemon, '', 'Accept: */*;q=0.1')->field('Content-Type'),
	    'text/html; charset=utf-8', 'the page is preferred to text');
	my $text = get(config($routes), '/status', 'Accept: text/html');
	like($text->{body}, qr/Nothing is counted/,
	    'without a server the page says so');
}

# What clients send does nothing.
my @targets = (
	# target, as the page shows it
	[ '/%3Cscript%3Ealert(1)%3C/script%3E',
	    '/%3Cscript%3Ealert(1)%3C/script%3E' ],
	[ "/'onload='x", '/&#39;onload=&#39;x' ],
	[ '/"onload="x', '/"onload="x', '/%22onload=%22x', '/&quot;onload=&quot;x' ],
	[ '/<img/src=x>', '/<img', '/%3Cimg/src=x%3E', '/&lt;img/src=x&gt;' ],
	[ '/&lt;b&gt;', '/&amp;lt;b&amp;gt;' ],
	[ "/\xc3\xa4\xe2\x80\xae", undef ],
	[ "/\x9b1m\xff", undef ],
	[ "/]]>--><!--", undef ],
);
for (@targets) {
	my ($target, @shown) = @$_;
	my $client = $daemon->connect;
	$client->send(Prong::request('POST', $target, [ 'Content-Length: 10',
	    'User-Agent: <script>alert(1)</script>', "X-$$: \"'><b>" ]));
	my $body = eval {
		Prong::wait_until(sub {
			my $body = page($daemon)->{body};
			return $body =~ /<td[^>]*>POST / ? $body : undef;
		}, 'the request in the table');
	};
	(my $name = $target) =~ s/[^ -~]/?/g;
	SKIP: {
		skip "$name is refused", 3 unless $body;
		ok(!@shown || !defined $shown[0]
		    || (grep { index($body, ">POST $_<") >= 0 } @shown),
		    "$name is shown as text");
		is(() = $body =~ /<script/g, 1, 'with no script of its own');
		unlike($body, qr/<img|<b>"|onload="|[\x00-\x08\x0b-\x1f\x7f]/,
		    'nor anything else that works');
	}
	$client->close;
	Prong::wait_until(sub {
		page($daemon)->{body} !~ /<td[^>]*>POST / }, 'its end');
}

# What queries show.
my $secret = $daemon->connect;
$secret->send(Prong::request('POST', '/path?token=s3cret',
    [ 'Content-Length: 10' ]));
Prong::wait_until(sub { page($daemon)->{body} =~ /POST \/path/ },
    'a request in the table');
for my $format ('html', 'json', 'text') {
	my $accept = { html => 'text/html', json => 'application/json',
	    text => '*/*' }->{$format};
	my $ask = sub {
		my $client = $daemon->connect;
		my $answer = $client->request('GET',
		    "$_[0]?format=$format", [ "Accept: $accept" ]);
		$client->close;
		return $answer->{body};
	};
	my $body = $ask->('/status');
	unlike($body, qr/s3cret/, "$format hides queries");
	like($body, qr{POST /path\?\.\.\.}, 'and shows that there is one');
	like($ask->('/open'), qr{POST /path\?token=s3cret},
	    "$format shows them with queries = true");
	$body = $ask->('/closed');
	unlike($body, qr{s3cret|/path}, "$format hides paths, too");
	like($body, qr/POST \.\.\./, 'with targets = false');
}
{
	my $body = page($daemon, '?filter=s3cret')->{body};
	like($body, qr/>0 of \d+ shown</, 'nor can a filter find them out');
	$body = page($daemon, '?filter=%22%3E%3Cscript%3E')->{body};
	is(() = $body =~ /<script/g, 1, 'a filter does nothing');
	like($body, qr/value="&quot;&gt;&lt;script&gt;"/, 'but is in its field');
	like($body, qr/filter=%22%3E%3Cscript%3E"/, 'and in the links');
}

# A handler that crashes: its last request is hidden, too.
{
	my $folder = Prong::Act::plugin_folder('extreme');
	my $crashing = start(config("plugin_dir = \"$folder\"; crash_penalty = "
	    . "\"0 s\"; access_log = \"off\"; sites = ( { routes = ( $routes, "
	    . '{ exact = "/extreme"; extreme = { }; } ); } );'));
	my $page;
	$crashing->get('/extreme?do=null&<b>&token=s3cret');
	for my $target ('/status?format=html', '/status?format=json') {
		Prong::wait_until(sub {
			$page = $crashing->get($target)->{body};
			return $page =~ /SIGSEGV/;
		}, 'the crash');
		like($page, qr{GET /extreme\?\.\.\. HTTP}, 'the last crash');
		unlike($page, qr/s3cret|<b>&/, 'without its query');
	}
	my $answer = $crashing->get('/open?format=html')->{body};
	like($answer, qr/&amp;token=s3cret/, 'which queries = true shows');
	is($crashing->stop, 0, 'the daemon ends well');
}

# The order of the table.
{
	my @idle = map {
		my $client = $daemon->connect;
		$client->request('GET', "/$_");
		$client;
	} qw(c a b);
	my $order = sub {
		my $body = page($daemon, $_[0])->{body};
		return join '', $body =~ m{<td>GET /([abc])</td>}g;
	};
	is($order->('?sort=request&order=up'), 'abc', 'rows are sorted');
	is($order->('?sort=request&order=down'), 'cba', 'both ways');
	is($order->('?sort=request&rows=2&filter=GET%20/&order=up'), 'ab',
	    'the first ones of them are shown');
	is($order->('?sort=request&order=up&filter=%2FB'), 'b',
	    'or those with a text, in capitals or not');
	my $body = page($daemon, '?sort=request&rows=2')->{body};
	like($body, qr/>2 of (\d+) shown <a [^>]*>show \1<\/a>/,
	    'with a link to all');
	like($body, qr/class="request" aria-sort="ascending">/,
	    'the column says so');
	like(page($daemon, '?sort=x&order=y&rows=z')->{body},
	    qr/class="age" aria-sort="(?:a|de)scending"/,
	    'an unknown order is as if there was none');
	$_->close for @idle;
}

# Events.
sub stream {
	my ($target) = @_;
	my $client = $daemon->connect;
	$client->send(Prong::request('GET', $target || '/status?format=events'));
	return $client;
}
sub fill_until {
	my ($client, $pattern) = @_;
	Prong::wait_until(sub {
		$client->{got} =~ $pattern or ($client->fill, 0)[1] }, $pattern);
}
# A stream that has its place: those of clients that have gone end with their next
# event.
sub accepted {
	return Prong::wait_until(sub {
		my $client = stream();
		fill_until($client, qr/\r\n\r\n/);
		return $client->{got} =~ /^HTTP\/1\.1 200/ ? $client : undef;
	}, 'a place for a stream');
}
{
	my $client = stream();
	fill_until($client, qr/\r\n\r\n.*data: .*\n\n.*data: /s);
	like($client->{got}, qr{^Content-Type: text/event-stream\r$}m,
	    'events come as a stream');
	like($client->{got}, qr{data: <div id="state">.*</div>\n\n},
	    'each has what changes of the page, in a line');
	my @more = map { stream() } 2 .. 8;
	fill_until($_, qr/data: /) for @more;
	pass('eight streams at a time');
	my $ninth = stream();
	is($ninth->answer->{status}, 204, 'the ninth is told to ask instead');
	is(page($daemon, '?part=live')->{status}, 200, 'which it can');
	$ninth->close;
	(pop @more)->close;
	push @more, accepted();
	pass('one that ends makes room');
	$_->close for $client, @more;
	# Nobody but the requests that ask for it is counted.
	my $count = sub {
		my $status = decode_json($daemon->get('/status?format=json')
		    ->{body});
		my ($of) = grep { $_->{name} eq 'status' }
		    @{$status->{handlers}};
		my $sum = 0;
		$sum += $_ for values %{$of->{responses}};
		return [ $status->{requests}, $sum ];
	};
	my $before;
	Prong::wait_until(sub {
		my $status = decode_json($daemon->get('/status?format=json')
		    ->{body});
		return @{$status->{table}} == 2;
	}, 'all streams to end');
	Prong::wait_until(sub {
		$before = $count->();
		my $next = $count->();
		return $next->[0] == $before->[0] + 1
		    && $next->[1] == $before->[1] + 1 && ($before = $next);
	}, 'counts that keep up');
	my $stream = accepted();
	fill_until($stream, qr/data: /);
	is(page($daemon, '?part=live')->{status}, 200, 'a part');
	$stream->close;
	Prong::wait_until(sub {
		my $status = decode_json($daemon->get('/status?part=live'
		    . '&format=json')->{body});
		return @{$status->{table}} == 2;
	}, 'the stream to end');
	is_deeply($count->(), [ map { $_ + 1 } @$before ],
	    'streams and parts are not counted');
}
{
	my $body = page($daemon, '?part=live')->{body};
	unlike($body, qr/<style|<script|<html/, 'a part has no more than it needs');
	like($body, qr{^<div id="state">.*<div id="connections">}s,
	    'and that is all that changes');
	unlike($body, qr/\n/, 'in a line');
}
{
	my $client = accepted();
	fill_until($client, qr/data: /);
	is($daemon->prong('reload')->{status}, 0, 'a reload');
	fill_until($client, qr/\r\n0\r\n\r\n/);
	pass('a stream ends when its generation drains');
	$client->close;
}
$secret->close;
is($daemon->stop, 0, 'the daemon ends well');

# 100 rows, and the page is still small.
{
	$daemon = start(config('max_connections_per_client = 0; access_log = '
	    . '"off"; sites = ( { routes = ( ' . $routes . ' ); } );'));
	my @idle = map {
		my $client = $daemon->connect;
		$client->request('GET', '/' . 'x' x 100 . $_);
		$client;
	} 1 .. 110;
	my $body = page($daemon)->{body};
	is(() = $body =~ /<td[^>]*>GET /g, 100, 'a hundred rows');
	cmp_ok(length $body, '<', 100 * 1024, 'the page has less than 100 KiB');
	is(() = page($daemon, '?rows=1000')->{body} =~ /<td[^>]*>GET /g, 111,
	    'all rows');
	$_->close for @idle;
	is($daemon->stop, 0, 'the daemon ends well');
}

done_testing;
