# static: which file answers a path, what goes with it, and what is refused.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Prong;
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC sockaddr_un);
use Test::More;

my $root = folder('www');
my $outside = folder('outside');
my $shared = folder('shared');
my $old = 1_700_000_000;	# 14 Nov 2023 22:13:20 GMT

my %files = (
	'index.html' => "<p>index\n",
	'a.txt' => "abc\n",
	'empty.txt' => '',
	'README' => "read me\n",
	'PIC.JPG' => "\xff\xd8\xff",
	'archive.tar.gz' => "\x1f\x8b",
	'.hidden.txt' => "hidden\n",
	'.git/config' => "secret\n",
	'.well-known/security.txt' => "well known\n",
	'.well-known/.secret' => "secret\n",
	'.well-knownx' => "secret\n",
	'sub/.well-known/security.txt' => "not at the top\n",
	'sub/index.html' => "<p>sub\n",
	'sub/inner.txt' => "inner\n",
	'no-index/file.txt' => "file\n",
	'sp ace/index.html' => "<p>space\n",
	'per%cent/index.html' => "<p>percent\n",
	"new\nline/index.html" => "<p>line\n",
	"\xc3\xa4/index.html" => "<p>umlaut\n",
	'a:b/index.html' => "<p>colon\n",
	'qu?ery/index.html' => "<p>query\n",
	'..dots/file' => "dots\n",
	'evil.example/index.html' => "<p>evil\n",
);
for my $name (sort keys %files) {
	my $path = write_file("www/$name", $files{$name});
	utime $old, $old, $path;
}
write_file('outside/secret.txt', "outside\n");
write_file('shared/style.css', "shared\n");
mkdir "$root/folder.html" or die;	# a folder named as a file
mkdir "$root/odd" or die;
mkdir "$root/odd/index.html" or die;

sub route {
	my ($more) = @_;
	return config("{ path = \"/\"; static = { root = \"$root\"; "
	    . ($more || '') . ' }; }');
}

my $plain = route();

# Path, status, body or Location, title.
my @paths = (
	[ '/a.txt', 200, "abc\n", 'a file is found' ],
	[ '/', 200, "<p>index\n", 'the root has its index file' ],
	[ '/index.html', 200, "<p>index\n", 'an index file has its own name' ],
	[ '/empty.txt', 200, '', 'an empty file is an empty answer' ],
	[ '/sub/', 200, "<p>sub\n", 'a folder has its index file' ],
	[ '/sub/inner.txt', 200, "inner\n", 'a file in a folder is found' ],
	[ '/sub/../a.txt', 200, "abc\n", 'dot segments are resolved' ],
	[ '/./a.txt', 200, "abc\n", 'a single dot means nothing' ],
	[ '/%61.txt', 200, "abc\n", 'octets may be percent-encoded' ],
	[ '/a.txt?x=1', 200, "abc\n", 'a query does not matter' ],
	[ '/sp%20ace/', 200, "<p>space\n", 'a name may have a space' ],
	[ '/per%25cent/', 200, "<p>percent\n", 'a name may have a percent' ],
	[ '/..dots/file', 404, undef, 'two dots begin a hidden name' ],
	[ '/none.txt', 404, undef, 'a file that is missing is not found' ],
	[ '/none/', 404, undef, 'a folder that is missing is not found' ],
	[ '/a.txt/', 404, undef, 'a file is no folder' ],
	[ '/a.txt/b', 404, undef, 'nothing lies beneath a file' ],
	[ '/A.TXT', 404, undef, 'case matters' ],
	[ '/a%5Ctxt', 404, undef, 'a backslash is in no name' ],
	[ '/%E4', 404, undef, 'nor octets that are not UTF-8' ],
	[ '/a.txt%00', 400, undef, 'a NUL is refused' ],
	[ '/no-index/', 403, undef, 'a folder without index is forbidden' ],
	[ '/odd/', 403, undef, 'a folder named index.html is no index' ],
	[ '/' . 'x' x 255, 404, undef, 'a name as long as can be is missed' ],
	[ '/' . 'x' x 256, 404, undef, 'a name longer than can be is missed' ],
	[ '/' . 'x/' x 2100, 404, undef, 'a path longer than can be too' ],
	[ '/.hidden.txt', 404, undef, 'a hidden file is not found' ],
	[ '/.git/config', 404, undef, 'a hidden folder is not found' ],
	[ '/.git/', 404, undef, 'nor listed, nor forbidden' ],
	[ '/%2egit/config', 404, undef, 'nor with its dot encoded' ],
	[ '/.well-known/security.txt', 200, "well known\n",
	    'what is well known is for the public' ],
	[ '/.well-known/.secret', 404, undef,
	    'but not what is hidden in there' ],
	[ '/.well-known', 301, './.well-known/', 'and its folder' ],
	[ '/.well-knownx', 404, undef, 'but no longer name' ],
	[ '/sub/.well-known', 404, undef, 'nor one that is not at the top' ],
	[ '/sub/.well-known/security.txt', 404, undef,
	    'a well known folder is at the top' ],
	[ '/sub', 301, './sub/', 'a folder without slash is redirected' ],
	[ '/sub?a=b&c', 301, './sub/?a=b&c', 'its query is kept' ],
	[ '/sub?', 301, './sub/?', 'even an empty one' ],
	[ '/sub?a=%0d%0aSet-Cookie:%20x', 301,
	    './sub/?a=%0d%0aSet-Cookie:%20x', 'as it was sent' ],
	[ '/sp%20ace', 301, './sp%20ace/', 'spaces are encoded again' ],
	[ '/per%25cent', 301, './per%25cent/', 'percents are encoded again' ],
	[ '/%C3%A4', 301, './%C3%A4/', 'and what is not ASCII' ],
	[ '/qu%3Fery', 301, './qu%3Fery/', 'and question marks' ],
	[ '/folder.html', 301, './folder.html/', 'whatever it is called' ],
	[ '/a:b', 301, './a:b/', 'a colon is not that of a scheme' ],
	[ '/sub/../no-index', 301, './no-index/', 'dots before it do no harm' ],
	[ '//sub', 301, './sub/', 'nor do further slashes' ],
	[ '/no-index', 301, './no-index/', 'whether or not it has an index' ],
);
for (@paths) {
	my ($path, $status, $text, $title) = @$_;
	my $answer = get($plain, $path);
	is($answer->{status}, $status, "$title: $status");
	is($answer->{body}, $text, "$title: content")
	    if $status == 200;
	is($answer->field('Location'), $text, "$title: Location")
	    if $status == 301;
}

# What could leave the host or the field is refused or stays a path.
for my $path ('//evil.example', '///evil.example', '/%2Fevil.example',
    '/new%0Aline', '/new%0D%0ASet-Cookie:%20x=y', '/\\evil.example') {
	my $answer = get($plain, $path);
	my $location = $answer->field('Location');
	ok(!defined $location || $location =~ m{\A\./[^/\\]},
	    "a redirect of $path stays on this host");
	is($answer->field('Set-Cookie'), undef, "$path sets no cookie");
}

# Types.
my @types = (
	[ '/a.txt', 'text/plain; charset=utf-8' ],
	[ '/index.html', 'text/html; charset=utf-8' ],
	[ '/PIC.JPG', 'image/jpeg' ],
	[ '/README', 'application/octet-stream' ],
	[ '/archive.tar.gz', 'application/gzip' ],
);
is(get($plain, $_->[0])->field('Content-Type'), $_->[1],
    "$_->[0] is $_->[1]") for @types;

# What goes with a file.
wait_settled("$root/a.txt");
{
	my $get = get($plain, '/a.txt');
	is($get->field('Last-Modified'), 'Tue, 14 Nov 2023 22:13:20 GMT',
	    'the time of the last change is told');
	like($get->field('ETag'), qr/\A"[0-9a-f]{16}"\z/,
	    'a file has a strong tag');
	is($get->field('ETag'), get($plain, '/a.txt')->field('ETag'),
	    'the tag of a file that stays is the same');
	isnt($get->field('ETag'), get($plain, '/empty.txt')->field('ETag'),
	    'the tag of another file is another');
	my $inode = sprintf '%x', (stat "$root/a.txt")[1];
	unlike($get->field('ETag'), qr/$inode/, 'it does not tell the inode');
	is($get->field('Cache-Control'), undef,
	    'nothing is said about caches');
	is($get->field('Vary'), undef, 'nothing varies');

	my $head = ask($plain, 'HEAD', '/a.txt');
	is($head->{body}, '', 'HEAD has no content');
	is($head->field($_), $get->field($_), "HEAD has the $_ of GET")
	    for qw(Content-Length Content-Type ETag Last-Modified);

	my $again = get($plain, '/a.txt',
	    'If-None-Match: ' . $get->field('ETag'));
	is($again->{status}, 304, 'who has that tag is told so');
	is($again->field('ETag'), $get->field('ETag'), 'with the tag');
	is(get($plain, '/a.txt', 'If-Modified-Since: '
	    . $get->field('Last-Modified'))->{status}, 304,
	    'who has that time is told so');
	is(get($plain, '/a.txt',
	    'If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT')->{status}, 200,
	    'who has an older one gets it');

	my $range = get($plain, '/a.txt', 'Range: bytes=1-2');
	is($range->{status}, 206, 'a range is partial content');
	is($range->{body}, 'bc', 'of these octets');
	is($range->field('Content-Range'), 'bytes 1-2/4', 'which are told');
	is(get($plain, '/a.txt', 'Range: bytes=4-')->{status}, 416,
	    'a range beyond the end cannot be had');
	is(get($plain, '/a.txt', 'Range: bytes=0-1',
	    'If-Range: ' . $get->field('ETag'))->{status}, 206,
	    'If-Range with the tag gives the range');
	is(get($plain, '/a.txt', 'Range: bytes=0-1', 'If-Range: "other"')
	    ->{status}, 200, 'with another one it gives all');
}
{
	my $path = write_file('www/future.txt', "future\n");
	utime time + 86400, time + 86400, $path;
	my $answer = get($plain, '/future.txt');
	is($answer->field('Last-Modified'), $answer->field('Date'),
	    'nothing was changed later than now');
	my $before = $answer->field('ETag');
	write_file('www/next.txt', "FUTURE\n");
	my @times = (stat $path)[8, 9];
	utime @times, "$root/next.txt";
	rename "$root/next.txt", $path or die;
	isnt(get($plain, '/future.txt')->field('ETag'), $before,
	    'another file of the same name, size and time has another tag');
	unlink $path;
}

# Methods.
for my $method (qw(POST PUT DELETE PATCH)) {
	my $answer = ask($plain, $method, '/a.txt');
	is($answer->{status}, 405, "$method is not allowed");
	like($answer->field('Allow'), qr/\bGET\b.*\bHEAD\b/,
	    "$method: what is allowed is told");
}

# What is no file must not hold the server up.
SKIP: {
	require POSIX;
	POSIX::mkfifo("$root/fifo", 0644) or skip 'no FIFO here', 1;
	is(get($plain, '/fifo')->{status}, 404, 'a FIFO is not found');
	unlink "$root/fifo";
}
SKIP: {
	socket my $socket, AF_UNIX, SOCK_STREAM, PF_UNSPEC
	    or skip 'no Unix socket here', 1;
	length "$root/socket" < 100 && bind $socket, sockaddr_un("$root/socket")
	    or skip 'the path is too long for a socket', 1;
	is(get($plain, '/socket')->{status}, 404, 'a socket is not found');
	unlink "$root/socket";
}
{
	my $path = write_file('www/private.txt', "private\n");
	chmod 0, $path;
	is(get($plain, '/private.txt')->{status}, 403,
	    'a file that may not be read is forbidden');
	like(Prong::errors(), qr/private\.txt.*Permission denied/,
	    'which is logged');
	unlink $path;
}

# Symbolic links.
symlink 'a.txt', "$root/relative" or die;
symlink "$root/a.txt", "$root/absolute" or die;
symlink '../a.txt', "$root/sub/up" or die;
symlink "$root/sub", "$root/folder" or die;
symlink 'folder/../a.txt', "$root/through" or die;
symlink '../www/a.txt', "$root/around" or die;
symlink "$root/./sub//../a.txt", "$root/crooked" or die;
symlink 'absolute', "$root/chain" or die;
symlink "$outside/secret.txt", "$root/out-absolute" or die;
symlink '../outside/secret.txt', "$root/out-relative" or die;
symlink $outside, "$root/out-folder" or die;
symlink "$root/../outside/secret.txt", "$root/out-disguised" or die;
symlink '/proc/self/root/etc/passwd', "$root/out-proc" or die;
symlink '/etc/passwd', "$root/passwd" or die;
symlink 'loop', "$root/loop" or die;
symlink "$root/loop2", "$root/loop2" or die;
symlink 'nowhere', "$root/dangling" or die;
symlink "$root/.hidden.txt", "$root/shown" or die;
symlink "$shared/style.css", "$root/style.css" or die;
symlink '../shared', "$root/common" or die;
symlink "$root/a.txt", "$shared/back" or die;
symlink "${root}x/a.txt", "$root/similar" or die;
write_file("${root}x/a.txt", "similar\n");

my $never = route('symlinks = "never";');
my $also = route("also = [ \"$shared\" ];");
# Path, then the status with the default, with never, with also.
my @links = (
	[ '/relative', 200, 404, 200, 'a relative link inside' ],
	[ '/absolute', 200, 404, 200, 'an absolute link inside' ],
	[ '/sub/up', 200, 404, 200, 'a link to a parent that is inside' ],
	[ '/folder/inner.txt', 200, 404, 200, 'a link to a folder inside' ],
	[ '/folder/up', 200, 404, 200, 'a link behind a link' ],
	[ '/through', 200, 404, 200, 'a link through an absolute one' ],
	[ '/around', 200, 404, 200, 'a link out and in again' ],
	[ '/crooked', 200, 404, 200, 'an absolute link with dot segments' ],
	[ '/chain', 200, 404, 200, 'a link to an absolute link' ],
	[ '/shown', 200, 404, 200, 'a link to a hidden file' ],
	[ '/out-absolute', 404, 404, 404, 'an absolute link outside' ],
	[ '/out-relative', 404, 404, 404, 'a relative link outside' ],
	[ '/out-folder/secret.txt', 404, 404, 404, 'a folder outside' ],
	[ '/out-disguised', 404, 404, 404, 'a link that begins as the root' ],
	[ '/out-proc', 404, 404, 404, 'a link through /proc' ],
	[ '/passwd', 404, 404, 404, 'a link to /etc/passwd' ],
	[ '/similar', 404, 404, 404, 'a folder whose name begins as the root' ],
	[ '/loop', 404, 404, 404, 'a link to itself' ],
	[ '/loop2', 404, 404, 404, 'an absolute link to itself' ],
	[ '/dangling', 404, 404, 404, 'a link to nothing' ],
	[ '/style.css', 404, 404, 200, 'an absolute link to a named folder' ],
	[ '/common/style.css', 404, 404, 200,
	    'a relative link to a named folder' ],
	[ '/common/back', 404, 404, 200, 'a link from there back' ],
	[ '/common', 404, 404, 301, 'a named folder itself' ],
	[ '/a.txt', 200, 200, 200, 'no link at all' ],
);
for (@links) {
	my ($path, @status) = @$_;
	my $title = pop @status;
	my @configs = ([ $plain, 'by default' ], [ $never, 'with never' ],
	    [ $also, 'with also' ]);
	for my $i (0 .. 2) {
		my $answer = get($configs[$i][0], $path);
		is($answer->{status}, $status[$i],
		    "$title, $configs[$i][1]: $status[$i]");
		unlike($answer->{body}, qr/outside|root:/,
		    "$title, $configs[$i][1]: nothing leaks");
	}
}
# Which link, and why.
symlink 'chain41', "$root/chain40" or die;
symlink 'a.txt', "$root/chain0" or die;
symlink 'chain' . ($_ - 1), "$root/chain$_" or die for 1 .. 39, 41;
for (
	[ $plain, 'out-absolute', qr/leads outside; possible: .*"also"/ ],
	[ $plain, 'loop', qr/lead in a loop, or are more than 40/ ],
	[ $plain, 'loop2', qr/lead in a loop, or are more than 40/ ],
	[ $plain, 'chain41', qr/lead in a loop, or are more than 40/ ],
	[ $never, 'relative', qr/symlinks = "never" forbids/ ],
	[ $never, 'loop', qr/symlinks = "never" forbids/ ],
) {
	my ($config, $path, $reason) = @$_;
	is(get($config, "/$path")->{status}, 404, "$path is not found");
	like(Prong::errors(), qr{/\Q$path\E below \S+: .*$reason},
	    'the log says why');
}

# A root that is reached by a link.
{
	symlink $root, folder() . '/link' or die;
	my $config = config('{ path = "/"; static = { root = "' . folder()
	    . '/link"; }; }');
	symlink folder() . '/link/a.txt', "$root/named" or die;
	is(get($config, '/a.txt')->{status}, 200, 'a root may be a link');
	is(get($config, '/absolute')->{status}, 200,
	    'links may name where it leads');
	is(get($config, '/named')->{status}, 200, 'or its own name');
	is(get($config, '/out-absolute')->{status}, 404, 'and nothing else');
}

# Routes.
{
	my $config = config("{ path = \"/docs\"; static = { root = "
	    . "\"$root\"; }; }");
	is(get($config, '/docs/a.txt')->{body}, "abc\n",
	    'the root stands for the path of the route');
	is(get($config, '/docs')->field('Location'), './docs/',
	    'which is a folder');
	is(get($config, '/docs/sub')->field('Location'), './sub/',
	    'redirects are relative');
	is(get($config, '/docs/.well-known/security.txt')->{status}, 404,
	    'what is well known is at the top of the host');
	is(get($config, '/docsa.txt')->{status}, 404,
	    'a route has whole segments');
}

# Options.
is(get(route('dot_files = true;'), '/.hidden.txt')->{body}, "hidden\n",
    'dot_files shows what is hidden');
is(get(route('index = [ "none", "README" ];'), '/')->{body}, "read me\n",
    'the first index file that there is, is taken');
is(get(route('index = [ "folder.html" ];'), '/')->{status}, 403,
    'an index that is a folder is none');
is(get(route('cache_control = "max-age=60";'), '/a.txt')
    ->field('Cache-Control'), 'max-age=60', 'cache_control is sent');
is(get(route('cache_control = "max-age=60";'), '/none')
    ->field('Cache-Control'), undef, 'but not with an error');
{
	my $config = route('fields = [ "X-Frame-Options: DENY", "X-A: 1",'
	    . ' "X-A: 2", "X-Empty:" ];');
	my $answer = get($config, '/a.txt');
	is($answer->field('X-Frame-Options'), 'DENY', 'fields are added');
	is($answer->field('x-a'), '1, 2', 'twice when named twice');
	is($answer->field('X-Empty'), '', 'without a value too');
	is(get($config, '/sub')->field('X-A'), '1, 2', 'to redirects too');
}
{
	my $config = config("{ path = \"/\"; handlers = ("
	    . "{ static = { root = \"$root\"; decline = true; }; },"
	    . "{ static = { root = \"$outside\"; }; } ); }");
	is(get($config, '/a.txt')->{body}, "abc\n",
	    'the first of two roots answers what it has');
	is(get($config, '/secret.txt')->{body}, "outside\n",
	    'and leaves the rest to the second');
	is(get($config, '/none')->{status}, 404, 'which has the last word');
	is(get($config, '/no-index/')->{status}, 404,
	    'a folder without index is left too');
}

# A fallback, as applications with one page have it.
{
	my $app = route('fallback = "/sub/index.html"; fields = [ "X-A: 1" ];'
	    . ' cache_control = "no-cache";');
	for ([ '/none', 'a path without file' ], [ '/none.js', 'with a type' ],
	    [ '/none/', 'a folder that is missing' ],
	    [ '/a.txt/b', 'a path below a file' ],
	    [ '/no-index/', 'a folder without index' ],
	    [ '/x?y=z', 'a path with a query' ],
	    [ '/' . 'x' x 300, 'a long name' ],
	    [ '/out-absolute', 'a link that leads outside' ]) {
		my ($path, $title) = @$_;
		my $answer = get($app, $path);
		is($answer->{status}, 200, "fallback: $title has a page");
		is($answer->{body}, "<p>sub\n", "fallback: $title: which");
	}
	my $answer = get($app, '/none');
	is($answer->field('Content-Type'), 'text/html; charset=utf-8',
	    'its type is that of the file');
	is($answer->field('ETag'), get($app, '/sub/index.html')->field('ETag'),
	    'and so is its tag');
	is($answer->field('Cache-Control'), 'no-cache', 'and its fields');
	is($answer->field('X-A'), '1', 'which are sent once');
	is(get($app, '/other', 'If-None-Match: ' . $answer->field('ETag'))
	    ->{status}, 304, 'who has it is told so at any path');
	my $head = ask($app, 'HEAD', '/none');
	is($head->{status}, 200, 'HEAD has the same status');
	is($head->field('Content-Length'), 7, 'and length');
	is(ask($app, 'POST', '/none')->{status}, 405, 'POST is not for it');
	is(get($app, '/a.txt')->{body}, "abc\n", 'a file goes first');
	is(get($app, '/sub')->field('Location'), './sub/', 'and a folder');
	is(get($app, $_)->{status}, 404, "$_ has no page")
	    for '/.git/config', '/.env', '/.well-known/none', '/x/.y/z',
	    '/.well-known/.secret';
	is(get(route('fallback = "/sub/index.html"; dot_files = true;'),
	    '/.env')->{status}, 404, 'nor with dot_files');
	is(get(route('fallback = "/gone.html";'), '/none')->{status}, 404,
	    'a fallback that is missing is nothing');
	is(get(route('fallback = "/sub";'), '/none')->{status}, 404,
	    'nor is a folder');
	is(get(route('fallback = "/out-absolute";'), '/none')->{status}, 404,
	    'nor what is outside');
	is(get(config("{ path = \"/app\"; static = { root = \"$root\"; "
	    . 'fallback = "/a.txt"; }; }'), '/app/none')->{body}, "abc\n",
	    'its path is below the root, not the host');
}

# Links and folders that change while they are followed.
{
	write_file('www/swap/real/file', "inside\n");
	write_file('outside/real/file', "outside\n");
	my @targets = ("$root/swap/real", 'real', "$outside/real",
	    '../../outside/real');
	my $daemon = start($plain);
	my $pid = fork;
	defined $pid or die "fork: $!";
	unless ($pid) {
		for (my $i = 0; ; $i++) {
			symlink $targets[$i % @targets], "$root/swap/new";
			rename "$root/swap/new", "$root/swap/link";
		}
	}
	my $client = $daemon->connect;
	my %seen;
	for (1 .. 900) {
		my $answer = $client->request('GET', '/swap/link/file');
		$seen{$answer->{status} == 200 ? $answer->{body}
		    : $answer->{status}}++;
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
	ok($seen{"inside\n"}, 'a link that changes all the time leads inside');
	ok(!grep({ $_ ne "inside\n" && $_ ne '404' } keys %seen),
	    'or nowhere') or diag explain \%seen;
	is($daemon->stop, 0, 'the daemon ends well');
}

# Errors of the configuration: what is said, the message.
my @wrong = (
	[ 'root = "/nonexistent/www";', qr/root.*\/nonexistent\/www/,
	    'a root that is missing' ],
	[ "root = \"$root/a.txt\";", qr/root.*folder/, 'a root that is a file' ],
	[ 'index = [ "x" ];', qr/root/, 'no root' ],
	[ "root = \"$root\"; symlinks = \"always\";",
	    qr/symlinks.*always.*never.*inside/s, 'an unknown choice' ],
	[ "root = \"$root\"; also = [ \"/nonexistent\" ];",
	    qr/also.*\/nonexistent/, 'a folder for links that is missing' ],
	[ "root = \"$root\"; index = [ \"a/b\" ];", qr/index.*a\/b/,
	    'an index file in a folder' ],
	[ "root = \"$root\"; fields = [ \"X-A\" ];",
	    qr/fields.*X-A.*Name: value/, 'a field without colon' ],
	[ "root = \"$root\"; fields = [ \"X A: b\" ];", qr/fields.*X A/,
	    'a field whose name is none' ],
	[ "root = \"$root\"; fields = [ \"X: a\\r\\nY: b\" ];", qr/fields/,
	    'a field with a line end' ],
	[ "root = \"$root\"; fields = [ \"Content-Length: 1\" ];",
	    qr/fields.*Content-Length.*server/, "a field of the server's" ],
	[ "root = \"$root\"; cache_control = \"a\\nb\";", qr/cache_control/,
	    'a Cache-Control with a line end' ],
	[ "root = \"$root\"; default_type = \"text\";",
	    qr/default_type.*text/, 'a type that is none' ],
	[ "root = \"$root\"; types = ( { extension = \"a\"; type = \"b\"; } );",
	    qr/types.*"b"/, 'an extra type that is none' ],
	[ "root = \"$root\"; mime_types = \"/nonexistent/types\";",
	    qr/mime_types.*\/nonexistent/, 'a mime.types that is missing' ],
	map([ "root = \"$root\"; fallback = \"$_\";",
	    qr/fallback.*"\Q$_\E" is no path of a file below the root/,
	    "the fallback $_" ], 'index.html', '/', '/sub/', '', '/../x',
	    '/a/../b', '/./a', '//a', '/a/..', '/..'),
	[ "root = \"$root\"; fallback = \"/a\"; decline = true;",
	    qr/fallback.*decline = true; possible: one of both/,
	    'a fallback for a handler that declines' ],
	[ "root = \"$root\"; rot = \"/\";", qr/rot\b/, 'an unknown setting' ],
);
for (@wrong) {
	my ($options, $message, $title) = @$_;
	my $run = prongd('-t', '-c', config("{ path = \"/\"; static = { "
	    . "$options }; }"));
	isnt($run->{status}, 0, "$title is an error");
	like($run->{errors}, $message, "$title: the message says what");
	like($run->{errors}, qr/prongd\.conf:\d+/, "$title: and where");
}

done_testing;
