# static: listings of folders.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Digest::SHA qw(sha256_base64);
use JSON::PP;
use Prong;
use Test::More;

my $root = folder('www');
my $old = 1_700_000_000;	# 2023-11-14 22:13:20

my @names = ('b.txt', 'A.txt', 'c space.txt', 'per%cent', '<script>alert(1)',
    'quote"\'&.txt', 'a:b', 'qu?ery#x', "\xc3\xa4.txt", "bad\xff.txt",
    "new\nline", 'back\\slash', '.hidden', 'javascript:alert(1)', '+plus');
write_file("www/dir/$_", 'x' x 1500) for @names;
mkdir "$root/dir/$_" or die for 'folder', 'Zoo', '.git';
write_file('www/dir/big', '');
truncate "$root/dir/big", 5 * 2 ** 30 or die;
write_file('www/dir/empty', '');
symlink 'b.txt', "$root/dir/link" or die;
symlink 'folder', "$root/dir/linked" or die;
symlink '/etc/passwd', "$root/dir/outside" or die;
symlink 'nowhere', "$root/dir/dangling" or die;
require POSIX;
POSIX::mkfifo("$root/dir/fifo", 0644);
utime $old, $old, "$root/dir/b.txt";
write_file('www/index/index.html', 'index');
mkdir "$root/empty" or die;

sub route {
	my ($more, $path) = @_;
	return config('{ path = "' . ($path || '/')
	    . "\"; static = { root = \"$root\"; $more }; }");
}

my $on = route('listing = "on";');

is(get(route(''), '/dir/')->{status}, 403, 'nothing is listed by default');
for (map({ [ $_, 403 ] } 'false', '"off"'), map({ [ $_, 200 ] } 'true', '"on"')) {
	my ($value, $status) = @$_;
	is(get(route("listing = $value;"), '/dir/')->{status}, $status,
	    "listing = $value: $status");
}
is(get($on, '/index/')->{body}, 'index', 'an index file goes first');
is(get($on, '/dir')->field('Location'), './dir/',
    'a folder is redirected to its slash');
is(get($on, '/none/')->{status}, 404, 'a folder must be there');

# JSON.
my $answer = get($on, '/dir/?format=json');
is($answer->{status}, 200, 'a listing is an answer');
is($answer->field('Content-Type'), 'application/json', 'it is JSON');
is($answer->field('Vary'), 'Accept', 'it varies by Accept');
my $list = eval { decode_json($answer->{body}) };
ok($list, 'it can be read') or diag $@, $answer->{body};
my %entry = map { $_->{href} => $_ } @$list;
is(scalar @$list, @names - 4 + 2 + 2 + 2, 'all that is served is listed');
is_deeply([ map { $_->{name} } grep { $_->{type} eq 'directory' } @$list ],
    [ 'folder', 'linked', 'Zoo' ], 'folders, by name whatever the case');
is_deeply([ map { $_->{type} } @$list[0 .. 2] ], [ ('directory') x 3 ],
    'folders come first');
my @files = map { $_->{name} } grep { $_->{type} eq 'file' } @$list;
is_deeply(\@files, [ sort { lc $a cmp lc $b } @files ],
    'files are sorted by name whatever the case');
is($entry{'./b.txt'}{size}, 1500, 'the size is told');
is($entry{'./b.txt'}{mtime}, '2023-11-14T22:13:20Z', 'the time is told');
is($entry{'./big'}{size}, 5 * 2 ** 30, 'sizes may be beyond 4 GiB');
is($entry{'./folder/'}{size}, undef, 'folders have no size');
is($entry{'./link'}{size}, 1500, 'a link is what it leads to');
ok(!exists $entry{'./outside'}, 'a link that leads outside is not listed');
ok(!exists $entry{'./dangling'}, 'nor one that leads nowhere');
ok(!exists $entry{'./fifo'}, 'nor what is no file');
ok(!exists $entry{'./.hidden'} && !exists $entry{'./.git/'},
    'nor what is hidden');
is($entry{'./%C3%A4.txt'}{name}, "\x{e4}.txt", 'names are UTF-8');
ok(!(grep { $_->{name} =~ /bad|new|back/ } @$list),
    'names that no request can have are not listed');
is(get($on, "/dir/$_->{href}")->{status}, $_->{type} eq 'file' ? 200 : 403,
    "JSON: $_->{href} can be followed")
    for grep { $_->{type} eq 'file' && $_->{name} ne 'big' } @$list;
is_deeply(decode_json(get($on, '/empty/?format=json')->{body}), [],
    'an empty folder is an empty list');
ok((grep { $_->{name} eq '.hidden' } @{decode_json(get(
    route('listing = "on"; dot_files = true;'), '/dir/?format=json')
    ->{body})}), 'dot_files lists what is hidden');
ok(!(grep { $_->{name} eq 'link' } @{decode_json(get(
    route('listing = "on"; symlinks = "never";'), '/dir/?format=json')
    ->{body})}), 'links that are not followed are not listed');

# Which form.
my @forms = (
	[ '', undef, 'html', 'without a wish' ],
	[ '', '*/*', 'html', 'with any' ],
	[ '', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
	    'html', 'a browser' ],
	[ '', 'application/json', 'json', 'a program' ],
	[ '', 'application/json, text/plain, */*', 'json', 'a program in one' ],
	[ '', 'application/*', 'json', 'any application type' ],
	[ '', 'application/json;q=0.5, text/html', 'html', 'rather a page' ],
	[ '', 'application/json;q=0', 'html', 'no JSON' ],
	[ '', 'APPLICATION/JSON', 'json', 'capitals' ],
	[ '?format=json', 'text/html', 'json', 'the query goes first' ],
	[ '?format=html', 'application/json', 'html', 'for pages too' ],
	[ '?format=', 'application/json', 'html', 'even without a value' ],
);
for (@forms) {
	my ($query, $accept, $form, $title) = @$_;
	my $type = get($on, "/dir/$query",
	    defined $accept ? "Accept: $accept" : ())->field('Content-Type');
	like($type, qr/$form/, "$title: $form");
}

# The page.
my $page = get($on, '/dir/');
is($page->field('Content-Type'), 'text/html; charset=utf-8',
    'the page is HTML');
like($page->field('Content-Security-Policy'), qr/default-src 'none'/,
    'nothing in it may run');
is($page->field('ETag'), undef, 'it has no tag');
unlike($page->{body}, qr/<script/i, 'names are escaped');
like($page->{body}, qr/&lt;script&gt;alert\(1\)</, 'and can be read');
like($page->{body}, qr/href="\.\/javascript:alert\(1\)"/,
    'a name that looks like a scheme stays a path');
like($page->{body}, qr/href="\.\/quote%22&#39;&amp;\.txt"/,
    'quotes do not end a link');
unlike($page->{body}, qr/[\x00-\x08\x0b-\x1f]/, 'no control characters');
like($page->{body}, qr/<title>\/dir\/</, 'the title is the path');
like($page->{body}, qr/href="\.\.\/"/, 'there is a way up');
unlike(get($on, '/')->{body}, qr/href="\.\.\/"/, 'but at the top');
like($page->{body}, qr/<main>.*<table>.*<\/main>/s, 'it has a main part');
is(scalar(() = $page->{body} =~ /<th scope="col"/g), 3,
    'the heads are of columns');
is(scalar(() = $page->{body} =~ /<th scope="row"/g), @$list + 1,
    'the names are heads of rows');
like($page->{body}, qr/<data value="1500" title="1500 bytes">1\.5 KiB</,
    'the exact size is there, too');
like($page->{body}, qr/<time datetime="2023-11-14T22:13:20Z">/,
    'and the exact time');
{
	my ($style) = $page->{body} =~ m{<style>(.*?)</style>}s;
	my $hash = sha256_base64($style);
	$hash .= '=' while length($hash) % 4;
	is($page->field('Content-Security-Policy'), "default-src 'none'; "
	    . "base-uri 'none'; form-action 'none'; style-src 'sha256-$hash'",
	    'its own style is permitted, and nothing else');
	unlike($page->{body}, qr/<[^>]* (?:style|on\w+)=/,
	    'no element has one');
}
like($page->{body}, qr/>1\.5 KiB</, 'sizes have units');
like($page->{body}, qr/>5\.0 GiB</, 'large ones too');
like($page->{body}, qr/>2023-11-14 22:13</, 'times can be read');
like($page->{body}, qr/prefers-color-scheme: dark/, 'it is dark at night');
unlike($page->{body}, qr/(?:src|href)="(?!\.)/,
    'it needs nothing from elsewhere');
like(get($on, '/empty/')->{body}, qr/empty/, 'an empty folder says so');
is(ask($on, 'HEAD', '/dir/')->field('Content-Length'), length $page->{body},
    'HEAD tells its length');
{
	my $docs = route('listing = "on";', '/docs');
	like(get($docs, '/docs/')->{body}, qr{<h1>
	    <a\ href="\./\.\./">/</a><a\ href="\./">docs/</a></h1>}x,
	    'the way begins at the top of the host');
	like(get($docs, '/docs/')->{body}, qr/href="\.\.\/"/,
	    'there is a way up from the route');
	like(get($docs, '/docs/dir/')->{body}, qr{href="\./\.\./">docs/<},
	    'and one back to it');
}
{
	my $config = route('listing = "on"; cache_control = "no-cache";'
	    . ' fields = [ "X-A: 1" ];');
	is(get($config, '/dir/')->field('Cache-Control'), 'no-cache',
	    'cache_control is sent');
	is(get($config, '/dir/')->field('X-A'), '1', 'and fields');
}
# Orders.
{
	my @natural = ('1.txt', '2.txt', '010.txt', '10a.txt', 'IMG_2.JPG',
	    'IMG_9.JPG', 'img_10.jpg', 'IMG_110.JPG', 'v1.2.10', 'v1.10.0',
	    'x', 'x0', 'x00', 'x1', 'x99999999999999999999999',
	    'x100000000000000000000000', 'xy');
	write_file("www/natural/$_", '') for reverse @natural;
	mkdir "$root/natural/$_" or die for 'd10', 'd9';
	my $order = sub {
		return [ map { $_->{name} } @{decode_json(get($on,
		    "$_[0]format=json")->{body})} ];
	};
	is_deeply($order->('/natural/?'), [ 'd9', 'd10', @natural ],
	    'numbers in names count by their value');
	is_deeply($order->('/natural/?C=N;O=D&'),
	    [ 'd10', 'd9', reverse @natural ], 'names descend, after folders');

	write_file("www/order/$_->[0]", 'x' x $_->[1]) for [ a => 30 ],
	    [ b => 5 ], [ c => 30 ], [ d => 1000 ];
	mkdir "$root/order/$_" or die for 'e', 'f';
	utime $old, $old + $_->[1], "$root/order/$_->[0]" for [ a => 3 ],
	    [ b => 1 ], [ c => 2 ], [ d => 1 ], [ e => 1 ], [ f => 2 ];
	for (
		[ '', 'efabcd' ], [ 'C=N;O=A', 'efabcd' ],
		[ 'C=N;O=D', 'fedcba' ], [ 'C=S;O=A', 'efbacd' ],
		[ 'C=S;O=D', 'efdacb' ], [ 'C=M;O=A', 'efbdca' ],
		[ 'C=M;O=D', 'feacbd' ], [ 'O=D&C=M', 'feacbd' ],
		[ 'C=S', 'efbacd' ], [ 'O=D', 'fedcba' ],
		[ 'C=D;O=A', 'efabcd' ], [ 'C=;O=', 'efabcd' ],
		[ 'C=MM;O=DD', 'efabcd' ], [ 'XC=M;O=A', 'efabcd' ],
		[ ';;&C=S;', 'efbacd' ], [ 'c=s', 'efabcd' ],
	) {
		my ($query, $expected) = @$_;
		is(join('', @{$order->("/order/?$query&")}), $expected,
		    "the order of \"$query\"");
	}
	my %heads = map { my ($head) = get($on, "/order/?$_")->{body} =~
	    m{<thead>(.*?)</thead>}s; $_ => $head } '', 'C=S;O=D';
	like($heads{''}, qr{"col"\ aria-sort="ascending">
	    <a\ href="\./\?C=N;O=D">Name<.*\?C=S;O=D">Size<
	    .*\?C=M;O=D">Modified}x,
	    'each head links to its order, and the one in use says so');
	like($heads{'C=S;O=D'}, qr{\?C=N;O=A">Name<
	    .*aria-sort="descending"><a\ href="\./\?C=S;O=A">Size<}x, 'which its link turns round');
	is(scalar(() = $heads{'C=S;O=D'} =~ /aria-sort/g), 1, 'one is in use');
}
{
	mkdir "$root/many" or die;
	for (1 .. 3000) {
		open my $file, '>', sprintf "$root/many/%05d", $_ or die;
	}
	my $many = decode_json(get($on, '/many/?format=json')->{body});
	is(scalar @$many, 3000, 'a folder of thousands is listed');
	is($many->[2999]{name}, '03000', 'in order');
}
{
	mkdir "$root/private" or die;
	chmod 0, "$root/private";
	is(get($on, '/private/')->{status}, 403,
	    'a folder that may not be read is forbidden');
	chmod 0755, "$root/private";
}

done_testing;
