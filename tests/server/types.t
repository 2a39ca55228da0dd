# static: media types and charsets, and precompressed siblings.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Prong;
use Prong::Process;
use Test::More;

my $root = folder('www');
write_file("www/$_", 'x') for qw(a.txt a.html a.css a.js a.json a.svg a.png
    a.xml a.pdf a.mp4 a.woff2 a.wasm a.foo a.FOO a.bar a.baz a.none none
    a.txt.bak a. folder.d/none a.webmanifest a.two a.TXT);
write_file('www/a.' . 'x' x 32, 'x');

sub route {
	my ($more) = @_;
	return config("{ path = \"/\"; static = { root = \"$root\"; $more }; }");
}

my $mime_types = write_file('mime.types', <<'END');
# a comment, then an empty line

text/x-foo	foo	 bar	# and another
TEXT/X-UPPER	two
text/x-early	baz
application/x-late	baz
text/no-extension
not-a-type	png
END

my $own = "mime_types = \"$mime_types\";";
# Options, file, type, title.
my @cases = (
	[ $own, 'a.foo', 'text/x-foo; charset=utf-8', 'a type of the file' ],
	[ $own, 'a.FOO', 'text/x-foo; charset=utf-8',
	    'an extension in capitals' ],
	[ $own, 'a.bar', 'text/x-foo; charset=utf-8',
	    'a second extension of a type' ],
	[ $own, 'a.two', 'TEXT/X-UPPER; charset=utf-8', 'a type in capitals' ],
	[ $own, 'a.baz', 'application/x-late',
	    'an extension named twice: the last one' ],
	[ $own, 'a.png', 'image/png', 'a line that is no type' ],
	[ $own, 'a.txt', 'text/plain; charset=utf-8',
	    'a common type that the file does not have' ],
	[ $own, 'a.none', 'application/octet-stream', 'a type unknown' ],
	[ $own, 'none', 'application/octet-stream', 'a name without dot' ],
	[ $own, 'a.', 'application/octet-stream', 'a name that ends in one' ],
	[ $own, 'folder.d/none', 'application/octet-stream',
	    'a dot in the name of the folder' ],
	[ $own, 'a.txt.bak', 'application/octet-stream',
	    'only the last extension' ],
	[ $own, 'a.' . 'x' x 32, 'application/octet-stream',
	    'a long extension' ],
	[ 'default_type = "text/plain";', 'none', 'text/plain; charset=utf-8',
	    'a default of text' ],
	[ 'default_type = "text/plain; charset=latin1";', 'none',
	    'text/plain; charset=latin1', 'a default with its own charset' ],
	[ 'charset = "iso-8859-15";', 'a.txt',
	    'text/plain; charset=iso-8859-15', 'another charset' ],
	[ 'charset = "";', 'a.txt', 'text/plain', 'no charset' ],
	[ 'types = ( { extension = "foo"; type = "application/x-mine"; } );',
	    'a.foo', 'application/x-mine', 'a type of the configuration' ],
	[ 'types = ( { extension = ".Foo"; type = "text/x-mine"; } );',
	    'a.foo', 'text/x-mine; charset=utf-8',
	    'an extension given with dot and capitals' ],
	[ "$own types = ( { extension = \"txt\"; type = \"text/x-t\"; },"
	    . ' { extension = "bar"; type = "image/x-b"; } );', 'a.bar',
	    'image/x-b', 'the configuration goes before the file' ],
	[ "$own types = ( { extension = \"txt\"; type = \"text/x-t\"; } );",
	    'a.txt', 'text/x-t; charset=utf-8', 'and before the table' ],
	map([ '', $_->[0], $_->[1], "$_->[0] where it is common" ],
	    [ 'a.html', 'text/html; charset=utf-8' ],
	    [ 'a.css', 'text/css; charset=utf-8' ],
	    [ 'a.js', 'text/javascript; charset=utf-8' ],
	    [ 'a.json', 'application/json' ], [ 'a.svg', 'image/svg+xml' ],
	    [ 'a.png', 'image/png' ], [ 'a.pdf', 'application/pdf' ],
	    [ 'a.mp4', 'video/mp4' ], [ 'a.woff2', 'font/woff2' ],
	    [ 'a.wasm', 'application/wasm' ], [ 'a.xml', 'application/xml' ],
	    [ 'a.webmanifest', 'application/manifest+json' ]),
);
is(get(route($_->[0]), "/$_->[1]")->field('Content-Type'), $_->[2],
    "$_->[3]: $_->[2]") for @cases;

is(get(route('mime_types = "/dev/null";'), '/a.bar')->field('Content-Type'),
    'application/octet-stream', '/dev/null is a table without types');
for my $table ($root, '/dev/zero') {
	my $run = prongd('-t', '-c', route("mime_types = \"$table\";"));
	isnt($run->{status}, 0, "$table is no table");
	like($run->{errors}, qr/cannot read \Q$table\E: .*no regular file/,
	    'which is said');
}

# The table is there once, however many routes there are: Debian's has 180 KiB.
{
	my $large = write_file('large.types',
	    join '', map { "application/x-$_ e$_ f$_\n" } 1 .. 3000);
	my $memory = sub {
		my ($count) = @_;
		my $daemon = start(config(join ', ', map {
			"{ path = \"/$_\"; static = { root = \"$root\"; "
			    . "mime_types = \"$large\"; }; }" } 1 .. $count));
		my ($generation) = Prong::Process::children($daemon->pid);
		is($daemon->get("/$count/a.css")->field('Content-Type'),
		    'text/css; charset=utf-8', "$count routes have types");
		my $kib = Prong::Process::data_kib($generation);
		is($daemon->stop, 0, 'the daemon ends well');
		return $kib;
	};
	my $more = $memory->(201) - $memory->(1);
	cmp_ok($more, '<', 200 * 40, 'a route more costs little memory')
	    or diag "$more KiB for 200 routes";
	my $mixed = config('{ path = "/a"; static = { root = "' . $root
	    . "\"; mime_types = \"$mime_types\"; charset = \"\"; }; }, "
	    . '{ path = "/b"; static = { root = "' . $root
	    . "\"; mime_types = \"$mime_types\"; }; }, "
	    . '{ path = "/c"; static = { root = "' . $root . '"; types = '
	    . '( { extension = "foo"; type = "text/x-c"; } ); }; }');
	is(get($mixed, "/$_->[0]/a.foo")->field('Content-Type'), $_->[1],
	    "routes with different types: $_->[0]")
	    for [ 'a', 'text/x-foo' ], [ 'b', 'text/x-foo; charset=utf-8' ],
	    [ 'c', 'text/x-c; charset=utf-8' ];
}

# A table that is no text must not stop or break anything.
{
	my $binary = write_file('binary.types',
	    join('', map { chr } 0 .. 255) x 64);
	is(get(route("mime_types = \"$binary\";"), '/a.txt')->{status}, 200,
	    'a table of random octets does no harm');
	my $empty = write_file('empty.types', '');
	is(get(route("mime_types = \"$empty\";"), '/a.txt')
	    ->field('Content-Type'), 'text/plain; charset=utf-8',
	    'an empty table leaves the common types');
}

# Precompressed siblings. What matters is the name, so any content will do.
my $old = time - 1000;

sub file {
	my ($name, $content, $age) = @_;
	my $path = write_file("www/$name", $content);
	my $time = $old - ($age || 0);
	utime $time, $time, $path;
}
file('all.css', 'plain');
file("all.css.$_->[0]", $_->[1])
    for [ br => 'BR' ], [ zst => 'ZST' ], [ gz => 'GZ' ];
file('gz.css', 'plain');
file('gz.css.gz', 'GZ');
file('stale.css', 'plain');
file('stale.css.gz', 'GZ', 10);
file('alone.css.gz', 'GZ');
file('folder.css', 'plain');
mkdir "$root/folder.css.gz" or die;
file('index/index.html', 'plain');
file('index/index.html.gz', 'GZ');
mkdir "$root/linked" or die;
file('linked/a.css', 'plain');
symlink '/etc/passwd', "$root/linked/a.css.gz" or die;

my $on = route('precompressed = true;');
wait_settled(map { "$root/$_" } 'all.css', 'all.css.gz');

# File, Accept-Encoding, content, Content-Encoding, title.
my @negotiated = (
	[ 'all.css', undef, 'plain', undef, 'without Accept-Encoding' ],
	[ 'all.css', '', 'plain', undef, 'with an empty one' ],
	[ 'all.css', 'gzip', 'GZ', 'gzip', 'gzip' ],
	[ 'all.css', 'x-gzip', 'GZ', 'gzip', 'its old name' ],
	[ 'all.css', 'GZIP', 'GZ', 'gzip', 'gzip in capitals' ],
	[ 'all.css', 'zstd', 'ZST', 'zstd', 'zstd' ],
	[ 'all.css', 'br', 'BR', 'br', 'br' ],
	[ 'all.css', 'gzip, deflate, br, zstd', 'BR', 'br',
	    'what browsers send: the first preference' ],
	[ 'all.css', 'gzip;q=1.0, br;q=0.5', 'GZ', 'gzip',
	    'the highest weight' ],
	[ 'all.css', 'gzip;q=0.001, br;q=0', 'GZ', 'gzip',
	    'the smallest weight' ],
	[ 'all.css', 'br;q=0, *', 'ZST', 'zstd', 'all but one' ],
	[ 'all.css', '*', 'BR', 'br', 'anything' ],
	[ 'all.css', '*;q=0.1, gzip;q=0.2', 'GZ', 'gzip',
	    'a name goes before the star' ],
	[ 'all.css', 'identity', 'plain', undef, 'identity' ],
	[ 'all.css', 'identity, gzip;q=0.5', 'plain', undef,
	    'identity before gzip' ],
	[ 'all.css', 'identity;q=0.5, gzip', 'GZ', 'gzip',
	    'gzip before identity' ],
	[ 'all.css', 'identity;q=0, gzip', 'GZ', 'gzip',
	    'identity forbidden' ],
	[ 'all.css', 'deflate', 'plain', undef, 'what there is not' ],
	[ 'all.css', 'gzip;q=0', 'plain', undef, 'a weight of zero' ],
	[ 'all.css', 'gzip;q=0.000', 'plain', undef, 'with decimals' ],
	[ 'all.css', 'gzip;q=2', 'plain', undef, 'a weight that is none' ],
	[ 'all.css', 'gzip;q=', 'plain', undef, 'a weight without number' ],
	[ 'all.css', 'gzipped', 'plain', undef, 'a longer name' ],
	[ 'all.css', 'gzi', 'plain', undef, 'a shorter name' ],
	[ 'all.css', ', ,, gzip ; q=1 ,', 'GZ', 'gzip',
	    'empty elements and blanks' ],
	[ 'all.css', 'foo;a="x, br";q=1, gzip', 'GZ', 'gzip',
	    'a quoted comma' ],
	[ 'all.css', 'foo;a="', 'plain', undef, 'a quote without end' ],
	[ 'gz.css', 'br, zstd, gzip;q=0.1', 'GZ', 'gzip',
	    'what there is, goes before what is wanted' ],
	[ 'gz.css', 'br', 'plain', undef, 'only what is accepted' ],
	[ 'stale.css', 'gzip', 'plain', undef,
	    'a sibling older than its file is ignored' ],
	[ 'folder.css', 'gzip', 'plain', undef, 'a folder is no sibling' ],
	[ 'linked/a.css', 'gzip', 'plain', undef,
	    'nor is a link outside the root' ],
	[ 'index/', 'gzip', 'GZ', 'gzip', 'index files have siblings' ],
);
for (@negotiated) {
	my ($file, $accept, $content, $coding, $title) = @$_;
	my $answer = get($on, "/$file",
	    defined $accept ? "Accept-Encoding: $accept" : ());
	is($answer->{body}, $content, "$title: the content");
	is($answer->field('Content-Encoding'), $coding,
	    "$title: Content-Encoding");
	like($answer->field('Content-Type'), qr{\Atext/(css|html);},
	    "$title: the file's type");
}

{
	my $plain = get($on, '/all.css');
	my $gzip = get($on, '/all.css', 'Accept-Encoding: gzip');
	is($plain->field('Vary'), 'Accept-Encoding', 'a plain answer varies');
	is($gzip->field('Vary'), 'Accept-Encoding', 'a coded answer varies');
	is(get($on, '/a.css')->field('Vary'), undef,
	    'a file without siblings does not');
	is(get($on, '/stale.css', 'Accept-Encoding: gzip')->field('Vary'),
	    undef, 'nor one whose sibling is stale');
	isnt($gzip->field('ETag'), $plain->field('ETag'),
	    'a coded answer has a tag of its own');
	is(get($on, '/all.css', 'Accept-Encoding: gzip', 'If-None-Match: '
	    . $gzip->field('ETag'))->{status}, 304, 'who has it is told so');
	is(get($on, '/all.css', 'Accept-Encoding: gzip', 'If-None-Match: '
	    . $plain->field('ETag'))->{status}, 200,
	    'who has the plain one gets it');
	is(get($on, '/all.css', 'Accept-Encoding: gzip', 'If-None-Match: '
	    . $gzip->field('ETag'))->field('Vary'), 'Accept-Encoding',
	    '304 varies too');
	is(get($on, '/all.css', 'Accept-Encoding: gzip', 'Range: bytes=1-1')
	    ->{body}, 'Z', 'ranges are of the coded octets');
	for my $case ([$gzip, 'gzip', 206, 'its own tag'],
	    [$plain, 'gzip', 200, 'the plain one\'s tag'],
	    [$gzip, 'identity', 200, 'the coded one\'s tag'],
	    [$plain, 'identity', 206, 'the plain one\'s own tag']) {
		my ($tagged, $accept, $status, $title) = @$case;
		is(get($on, '/all.css', "Accept-Encoding: $accept",
		    'Range: bytes=1-1', 'If-Range: '
		    . $tagged->field('ETag'))->{status}, $status,
		    "If-Range of $accept with $title");
	}
	is(ask($on, 'HEAD', '/all.css', [ 'Accept-Encoding: gzip' ])
	    ->field('Content-Length'), 2, 'HEAD tells their length');
	is(get($on, '/all.css', 'Accept-Encoding: identity;q=0')->{status},
	    406, 'who accepts nothing that there is, is told so');
	is(get($on, '/a.css', 'Accept-Encoding: identity;q=0')->{status}, 200,
	    'a file without siblings is never negotiated');
	is(get($on, '/alone.css', 'Accept-Encoding: gzip')->{status}, 404,
	    'a sibling alone stands for nothing');
	is(get($on, '/all.css.gz')->field('Content-Type'), 'application/gzip',
	    'a sibling has its own name and type');
	is(get($on, '/all.css.gz')->field('Content-Encoding'), undef,
	    'and is not coded then');
	is(get(route(''), '/all.css', 'Accept-Encoding: gzip')
	    ->field('Content-Encoding'), undef,
	    'without precompressed nobody looks');
}

done_testing;
