# prongd -t: what a start would not open is told beforehand, all in one run, and
# nothing is left behind.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use Test::More;

use Prong;

my $sites = 'sites = ( { routes = ( { path = "/"; echo = { }; } ); } );';

sub test_of {
	my ($text, @arguments) = @_;
	return prongd('-t', '-c', config("$text\n" . ($text =~ /sites/ ? '' :
	    $sites)), @arguments);
}

# The title, the settings, and what the errors have; none: nothing is wrong.
my $base = folder('base');
my $file = write_file('file', 'x');
my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
    or die "socket: $!";
my $taken = '127.0.0.1:' . $other->sockport;
for my $case (
    [ 'logs that can be made', "access_log = \"$base/a\"; error_log = "
	. "\"$base/e\";" ],
    [ 'an access log without its folder', "access_log = \"$base/no/no/a\";",
	qr{cannot open the access log \Q$base\E/no/no/a: No such file or directory; .*the last folder} ],
    [ 'an error log below a file', "error_log = \"$file/e\";",
	qr{cannot open the error log \Q$file\E/e: Not a directory} ],
    [ 'a Unix socket', "listen = [ \"unix:$base/s\" ];" ],
    [ 'a Unix socket at a file', "listen = [ \"unix:$file\" ];",
	qr/:\d+: listen: cannot bind \Q$file\E: found what is no socket/ ],
    [ 'a Unix socket below a file', "listen = [ \"unix:$file/s\" ];",
	qr/:\d+: listen: cannot bind \Q$file\E\/s: Not a directory/ ],
    [ 'an address that somebody has', "listen = [ \"$taken\" ];",
	qr/:\d+: listen: cannot bind \Q$taken\E: .* in use: \S+ \(process $$\)/
	],
    [ 'an address of no interface', "listen = [ \"192.0.2.1:1234\" ];",
	qr/:\d+: listen: cannot bind 192\.0\.2\.1:1234: .*no interface/ ],
    [ 'two errors of the server and one of a handler',
	"access_log = \"$base/no/no/a\"; max_body = \"1 x\"; "
	. 'sites = ( { routes = ( { path = "/"; echo = { no = 1; }; } ); } );',
	qr/max_body: found "1 x".*echo.*no.*cannot open the access log/s ],
    ) {
	my ($title, $text, $says) = @$case;
	my $run = test_of($text);
	is($run->{status}, $says ? 1 : 0, $title) or diag $run->{errors};
	like($run->{errors}, $says || qr/nothing is wrong/, 'which -t says');
}
is_deeply([ glob "$base/*" ], [], 'nothing is left behind');

# A control socket that cannot be made is no reason not to serve.
{
	my $run = test_of("control = \"$file/control\";");
	is($run->{status}, 0, 'a control socket below a file is no error');
	like($run->{errors}, qr/warning: .*control: cannot listen for prong\(1\)/,
	    'but a warning');
	like($run->{errors}, qr/: no error, 1 warning$/m,
	    'which the last line counts');
	unlike($run->{errors}, qr/nothing is wrong/, 'as something wrong');
}

# The server that runs with that configuration has its addresses.
{
	# Another program may take the port before the server has it.
	my ($port, $text, $daemon);
	for (1 .. 10) {
		$port = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
		    Listen => 1)->sockport;
		$text = "listen = [ \"127.0.0.1:$port\" ];\n$sites";
		last if $daemon = eval { start(config($text)) };
	}
	$daemon or die "no server starts: $@";
	my $run = test_of($text, '--control', $daemon->control);
	is($run->{status}, 0, 'what the running server has is its own')
	    or diag $run->{errors};
	$run = test_of("listen = [ \"0.0.0.0:$port\" ];\n$sites", '--control',
	    $daemon->control);
	is($run->{status}, 0, 'also at more addresses') or diag $run->{errors};
	is($daemon->get('/')->{status}, 200, 'it serves on');
	$run = test_of($text, '--control', folder() . '/another');
	like($run->{errors}, qr/in use: prongd \(process \d+\) listens there/,
	    'another server does not have it');
	is($daemon->stop, 0, 'the daemon ends well');
}

# Errors of user and group are told together.
SKIP: {
	skip 'the user changes for root alone', 8 unless Prong::running_as_root();
	my $run = test_of('user = "no-such-user"; group = "no-such-group";');
	like($run->{errors},
	    qr/user: found "no-such-user".*group: found "no-such-group"/s, 'a bad group is told beside a bad user');
	my $logs = folder('logs');
	chown +(getpwnam 'nobody')[2, 3], $logs or die "chown: $!";
	$run = test_of("user = \"no-such-user\"; access_log = \"$logs/a\";");
	like($run->{errors}, qr/user: found "no-such-user"/,
	    'a bad user is told');
	unlike($run->{errors}, qr/access log/,
	    'and not that a log in a folder of the right user is wrong');
	my $own = folder('own');
	my $wrong = "user = \"no-such-user\"; access_log = \"$own/no/no/a\";\n"
	    . 'sites = ( { routes = ( { path = "/"; echo = { no = 1; }; } ); } );';
	$run = test_of($wrong);
	like($run->{errors}, qr/error: \S+: echo\.no: found an unknown setting/,
	    'a bad user hides no error of a handler');
	my ($id) = $run->{errors} =~
	    /handlers are tried as the user with the id (\d+) instead/;
	ok($id, 'which is tried as another user, and this is said')
	    or diag $run->{errors};
	chown $id // 0, -1, $own;
	like(test_of($wrong)->{errors}, qr{open the access log \S+: No such file},
	    'who does not open the log');
	chmod 0777, $base or die "chmod: $!";
	$run = test_of("access_log = \"$base/a\";");
	is($run->{status}, 0, 'a log that the user could open is right where '
	    . 'prongd is started as that user') or diag $run->{errors};
	like($run->{errors}, qr/user \S+ can open it, and root does not/,
	    'which is said');
}

done_testing;
