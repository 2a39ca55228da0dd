# flag: what the file says is what is answered, at once.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Prong;
use Test::More;
use Time::HiRes qw(time);

my $flag = write_file('flags/flag', "up\n");
my $www = folder('www');
write_file('www/index.html', "<p>site\n");

sub route {
	my ($more, $file) = @_;
	return config('{ path = "/flag"; flag = { file = "'
	    . ($file || $flag) . "\"; $more }; }");
}

my $rules = <<'END';
rules = (
	{ when = "up"; },
	{ when = "drain"; status = 503; fields = [ "Retry-After: 30" ]; },
	{ when = "moved"; status = 307;
	  fields = [ "Location: https://example.org/" ]; },
	{ when = "page"; status = 503; body = "<p>Back at noon.\n";
	  fields = [ "Content-Type: text/html; charset=utf-8" ]; },
	{ when = "quiet"; status = 204; },
	{ when = "two words"; status = 201; body = "two\n"; },
	{ when = "cached"; fields = [ "Cache-Control: max-age=1" ]; },
	{ when = ""; status = 202; body = "empty\n"; }
);
END
my $plain = route('');
my $ruled = route($rules);

# Without rules the text is the answer.
{
	my $answer = get($plain, '/flag');
	is($answer->{status}, 200, 'without rules a flag is answered');
	is($answer->{body}, "up\n", 'with its text, as it is');
	is($answer->field('Content-Type'), 'text/plain; charset=utf-8',
	    'which is plain');
	is($answer->field('Cache-Control'), 'no-store', 'and not to be kept');
	is(ask($plain, 'HEAD', '/flag')->field('Content-Length'), 3,
	    'HEAD tells its length');
	is(ask($plain, 'HEAD', '/flag')->{body}, '', 'and has no content');
	is(get($plain, '/flag/x')->{body}, "up\n",
	    'a route by path is all beneath it');
	write_file($flag, "no line end");
	is(get($plain, '/flag')->{body}, 'no line end',
	    'the text changes with the file');
	write_file($flag, "two\nlines\n");
	is(get($plain, '/flag')->{body}, "two\nlines\n", 'lines are kept');
	write_file($flag, "a\0b\xff");
	is(get($plain, '/flag')->{body}, "a\0b\xff", 'octets too');
}

# What the file holds, status, body (undef: a page), title.
my @texts = (
	[ "up\n", 200, "up\n", 'a rule that says nothing more' ],
	[ "\xef\xbb\xbfmoved\r\n", 307, undef, 'a byte order mark before it' ],
	[ "\xef\xbbup\n", 503, undef, 'a part of one' ],
	[ 'up', 200, 'up', 'a text without line end' ],
	[ " \t up\r\n\n", 200, " \t up\r\n\n", 'white space around it' ],
	[ "drain\n", 503, undef, 'a status of errors' ],
	[ "moved\n", 307, undef, 'a status of redirects' ],
	[ "page\n", 503, "<p>Back at noon.\n", 'a body' ],
	[ "quiet\n", 204, '', 'no content' ],
	[ "two words\n", 201, "two\n", 'white space within' ],
	[ "two  words\n", 503, undef, 'other white space within' ],
	[ "Up\n", 503, undef, 'other case' ],
	[ "u\n", 503, undef, 'a shorter word' ],
	[ "upp\n", 503, undef, 'a longer word' ],
	[ "up\ndown\n", 503, undef, 'a second line' ],
	[ "up\0\n", 503, undef, 'a NUL behind' ],
	[ "unknown\n", 503, undef, 'a word without rule' ],
	[ "\n", 202, "empty\n", 'white space alone' ],
	[ '', 202, "empty\n", 'nothing' ],
);
for (@texts) {
	my ($text, $status, $body, $title) = @$_;
	write_file($flag, $text);
	my $answer = get($ruled, '/flag');
	is($answer->{status}, $status, "$title: $status");
	if (defined $body) {
		is($answer->{body}, $body, "$title: the body");
	} else {
		like($answer->field('Content-Type'), qr{text/html},
		    "$title: the server's page");
	}
	is($answer->field('Cache-Control'), 'no-store', "$title: not kept");
}
write_file($flag, "drain\n");
is(get($ruled, '/flag')->field('Retry-After'), '30', 'fields are added');
write_file($flag, "moved\n");
is(get($ruled, '/flag')->field('Location'), 'https://example.org/',
    'to redirects as well');
write_file($flag, "page\n");
is(get($ruled, '/flag')->field('Content-Type'), 'text/html; charset=utf-8',
    'a body may have another type');
write_file($flag, "cached\n");
is(get($ruled, '/flag')->field('Cache-Control'), 'max-age=1',
    'an answer may be kept when a rule says so');
write_file($flag, "unknown \e[31m\n");
get($ruled, '/flag');
like(Prong::errors(), qr/no rule.*unknown/, 'a word without rule is logged');
unlike(Prong::errors(), qr/\e/, 'escaped');

# What cannot be read: 503, and why in the log.
my @unreadable = (
	[ 'missing', sub { }, qr/missing.*No such file/ ],
	[ 'a folder', sub { mkdir $_[0] or die }, qr/not a regular file|Permission denied/ ],
	[ 'a FIFO', sub { require POSIX; POSIX::mkfifo($_[0], 0644) or die },
	    qr/not a regular file/ ],
	[ 'forbidden', sub { write_file($_[0], "up\n"); chmod 0, $_[0] },
	    qr/Permission denied/ ],
	[ 'too large', sub { write_file($_[0], 'x' x 4097) }, qr/max_size/ ],
	[ 'a device', sub { symlink '/dev/zero', $_[0] or die },
	    qr/not a regular file|Permission denied/ ],
);
for (@unreadable) {
	my ($title, $make, $message) = @$_;
	my $path = folder('unreadable') . "/$title";
	$path =~ tr/ /-/;
	$make->($path);
	for ([ $plain => '' ], [ $ruled => $rules ]) {
		my $answer = get(route($_->[1], $path), '/flag');
		is($answer->{status}, 503, "a flag that is $title: 503");
		is($answer->field('Cache-Control'), 'no-store', 'not kept');
		like(Prong::errors(), $message, 'the reason is logged');
	}
}
my $missing = folder('unreadable') . '/missing';
{
	my $config = route('otherwise = { status = 200; body = "fine\n";'
	    . ' fields = [ "X-Flag: none" ]; };', $missing);
	my $answer = get($config, '/flag');
	is($answer->{status}, 200, 'otherwise says what to answer then');
	is($answer->{body}, "fine\n", 'its body');
	is($answer->field('X-Flag'), 'none', 'its fields');
	is(get(route("$rules otherwise = { status = 500; };"), '/flag')
	    ->{status}, 500, 'and when there is no rule');
	is(get(route('otherwise = { status = 204; };', $missing), '/flag')
	    ->{status}, 204, 'it may have no content');
	is(get(route('otherwise = { body = "gone\n"; };', $missing), '/flag')
	    ->{status}, 503, 'its status is 503 unless said');
}
write_file($flag, 'x' x 4096);
is(length get($plain, '/flag')->{body}, 4096, 'a flag of 4 KiB is read');
write_file($flag, "12345");
is(get(route('max_size = "5 B";'), '/flag')->{body}, '12345',
    'a flag as large as max_size is read');
is(get(route('max_size = "4 B";'), '/flag')->{status}, 503,
    'one octet more is too much');

# In a chain.
{
	my $chain = config("{ path = \"/\"; flag = { file = \"$flag\"; rules = "
	    . '( { when = "open"; decline = true; fields = [ "X-A: 1" ]; },'
	    . ' { when = "drain"; status = 503; } ); };'
	    . " static = { root = \"$www\"; }; }");
	write_file($flag, "open\n");
	my $answer = get($chain, '/');
	is($answer->{body}, "<p>site\n", 'an open flag lets requests pass');
	is($answer->field('Cache-Control'), undef,
	    'and leaves nothing on the answer');
	is(get($chain, '/none')->{status}, 404, 'whatever comes of them');
	write_file($flag, "drain\n");
	is(get($chain, '/')->{status}, 503, 'another word stops them');
	is(ask($chain, 'POST', '/', undef, 'x')->{status}, 503,
	    'of whatever method');
	is(ask($chain, 'OPTIONS', '/')->{status}, 503, 'OPTIONS, too');
	unlink $flag;
	is(get($chain, '/')->{status}, 503, 'no flag stops them too');
	is(ask($chain, 'OPTIONS', '/')->{status}, 503, 'OPTIONS, too');

	# What the route takes is what the handler behind the flag takes.
	write_file($flag, "open\n");
	for my $case (['OPTIONS', 204], ['POST', 405], ['PATCH', 405]) {
		my ($method, $status) = @$case;
		my $answer = ask($chain, $method, '/');
		is($answer->{status}, $status, "$method through a flag");
		is($answer->field('Allow'), 'GET, HEAD, OPTIONS',
		    'the methods are those behind the flag');
	}
	my $posted = config("{ path = \"/\"; flag = { file = \"$flag\"; rules = "
	    . '( { when = "open"; decline = true; }, { when = "shown"; } ); };'
	    . ' echo = { }; }');
	my $allow = 'GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS';
	is(ask($posted, 'OPTIONS', '/')->field('Allow'), $allow,
	    'another handler takes more');
	is(ask($posted, 'POST', '/', undef, 'x')->{body}, 'x',
	    'and gets it');
	write_file($flag, "shown\n");
	for my $case (['OPTIONS', 200], ['POST', 405]) {
		my ($method, $status) = @$case;
		my $answer = ask($posted, $method, '/');
		is($answer->{status}, $status, "$method of a flag's own text");
		is($answer->field('Allow'), 'GET, HEAD, OPTIONS',
		    'for which a flag takes no others');
	}
	unlink $flag;
	my $lenient = config("{ path = \"/\"; flag = { file = \"$flag\"; rules "
	    . '= ( { when = "drain"; status = 503; } ); otherwise = '
	    . "{ decline = true; }; }; static = { root = \"$www\"; }; }");
	is(get($lenient, '/')->{status}, 200, 'unless otherwise declines');
}
write_file($flag, "up\n");
for my $method (qw(POST PUT DELETE PATCH)) {
	my $answer = ask($plain, $method, '/flag', undef, 'drain');
	is($answer->{status}, 405, "$method does not change a flag");
	is($answer->field('Allow'), 'GET, HEAD, OPTIONS',
	    'GET, HEAD and OPTIONS ask it');
}
{
	my $answer = ask($plain, 'OPTIONS', '/flag');
	is($answer->{status}, 200, 'OPTIONS is answered as GET');
	is($answer->field('Allow'), 'GET, HEAD, OPTIONS',
	    'with the methods');
	write_file($flag, "drain\n");
	is(ask($ruled, 'OPTIONS', '/flag')->{status}, 503,
	    'by the rule for the text');
	my $open = route('rules = ( { when = "drain"; decline = true; } );');
	is(ask($open, $_, '/flag')->{status}, 404,
	    "$_: a flag that leaves it to nobody") for qw(GET OPTIONS);
	my $answer405 = ask($open, 'POST', '/flag');
	is($answer405->{status}, 405, 'POST to it');
	is($answer405->field('Allow'), 'GET, HEAD, OPTIONS', 'has no way');
	write_file($flag, "up\n");
}
is(read_file($flag), "up\n", 'and it has not changed');

# While a daemon runs: each change acts at the next request.
{
	my $daemon = start($ruled);
	my $client = $daemon->connect;
	my $status = sub { $client->request('GET', '/flag')->{status} };
	write_file($flag, "up\n");
	is($status->(), 200, 'a flag that is up');
	write_file($flag, "drain\n");
	is($status->(), 503, 'written over it acts at once');
	write_file("$flag.new", "up\n");
	rename "$flag.new", $flag or die;
	is($status->(), 200, 'another file moved there too');
	unlink $flag;
	is($status->(), 503, 'and taking it away');
	symlink write_file('flags/real', "up\n"), $flag or die;
	is($status->(), 200, 'a link to a file in the folder will do');
	unlink $flag;

	# Whoever writes empties the file first. When that is what the server
	# sees it waits a moment; the writer here may be slower once, not
	# always.
	my $seen = 0;
	for (1 .. 20) {
		write_file($flag, '');
		$client->send(Prong::request('GET', '/flag'));
		write_file($flag, "up\n");
		$seen = $client->answer->{status} == 200 and last;
	}
	ok($seen, 'a file found empty is read again');
	write_file($flag, '');
	my $before = time;
	is($status->(), 202, 'a file that stays empty is empty');
	cmp_ok(time - $before, '>', 0.05, 'after a while');
	$before = time;
	$status->() for 1 .. 20;
	cmp_ok(time - $before, '<', 20 * 0.06,
	    'for which no further request of the connection waits');
	write_file($flag, '');
	$before = time;
	is($status->(), 202, 'a file that is emptied again is empty');
	cmp_ok(time - $before, '>', 0.05, 'after a while, too');
	is($daemon->stop, 0, 'the daemon ends well');
}

# Errors of the configuration.
symlink 'loop', folder('loops') . '/loop' or die;
my @wrong = (
	[ '', qr/file/, 'no file' ],
	[ 'file = "flag";', qr/file.*absolute/, 'a relative path' ],
	[ "file = \"$flag\"; max_size = \"2 MiB\";", qr/max_size/,
	    'a size beyond the largest' ],
	[ 'file = "' . folder('loops') . '/loop";', qr/file.*loop/,
	    'a link to itself' ],
	[ "file = \"$flag\"; max_size = 1.5;", qr/max_size/, 'a fraction' ],
	[ "file = \"$flag\"; rules = ( { status = 200; } );", qr/when/,
	    'a rule without word' ],
	[ "file = \"$flag\"; rules = ( { when = \"a\"; status = 99; } );",
	    qr/status.*99/, 'a status that is none' ],
	[ "file = \"$flag\"; rules = ( { when = \"a\"; status = 600; } );",
	    qr/status.*600/, 'a status beyond the largest' ],
	[ "file = \"$flag\"; rules = ( { when = \"a\"; }, { when = \"a\"; } );",
	    qr/when.*before/, 'two rules for a word' ],
	[ "file = \"$flag\"; rules = ( { when = \" a\"; } );",
	    qr/when.*white space/, 'a word that begins with white space' ],
	[ "file = \"$flag\"; rules = ( { when = \"a\"; fields = [ \"x\" ]; } );",
	    qr/fields.*Name: value/, 'a field without value' ],
	[ "file = \"$flag\"; otherwise = { when = \"a\"; };", qr/when/,
	    'a word for all others' ],
	[ "file = \"$flag\"; rules = { when = \"a\"; };", qr/rules.*list/,
	    'rules that are no list' ],
);
for (@wrong) {
	my ($options, $message, $title) = @$_;
	my $run = prongd('-t', '-c', config("{ path = \"/\"; flag = { "
	    . "$options }; }"));
	isnt($run->{status}, 0, "$title is an error");
	like($run->{errors}, $message, "$title: the message says what");
}

done_testing;
