# The error log: where it goes, who may redirect it, and that whoever starts
# prongd learns why it does not serve.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use POSIX qw(mkfifo);
use Socket;
use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "eleven octets\n");

# What a sanitizer prints at a process's end is not a line of the log.
$ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (), 'detect_leaks=0';

my $stamp = qr/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d prongd\[\d+\]: /;
my $logs = folder('logs');

sub mode_of {
	return sprintf '%04o', (stat $_[0])[2] & 07777;
}

# A file has everything, from all processes, behind what was there.
{
	my $log = write_file('logs/error.log', "from before\n");
	my $errors = folder() . '/errors';
	open my $err, '>>', $errors or die "$errors: $!";
	local $ENV{JOURNAL_STREAM} = join ':', (stat $err)[0, 1];
	my $daemon = start(act_config("error_log = \"$log\"; access_log = \"off\";"),
	    { log => $log, errors => $err });
	$daemon->get(steps('log said by a handler', 'print x'));
	$daemon->wait_log(qr/said by a handler/);
	# A path, say, that ends as a line of another client would.
	my $other = '(192.0.2.9:1 "GET / HTTP/1.1")';
	for my $text ("x $other", "\x80" x 300 . $other) {
		$daemon->get(steps("log $text", 'print x'));
	}
	$daemon->wait_log(qr/: x \[192/);
	wait_until { (() = $daemon->log =~ /\\x80/g) > 200 } 'the long line';
	my @ends = $daemon->log =~ /^.*act of .*\((\S+):\d+ "[^"]*"\)$/mg;
	is_deeply([ grep { $_ ne '127.0.0.1' } @ends ], [],
	    'no text can pass for the end of a line');
	unlike($daemon->log, qr/ \(192\.0\.2\.9:1 "/,
	    'nor for one in the midst of it');
	is($daemon->stop, 0, 'the daemon stops');
	my $text = $daemon->log;
	like($text, qr/\Afrom before\n/, 'a file is appended to');
	like($text, qr/^${stamp}info: listening on /m, 'the master writes there');
	like($text, qr/^${stamp}[a-z]+: .*said by a handler/m,
	    'and connections do');
	like($text, qr/\Afrom before\n(?:$stamp.*\n)+\z/,
	    'all lines have a time, also under the journal');
	like($text, qr/info: stopped\n\z/, 'down to the last');
	is(read_file($errors), '', 'standard error has nothing');
}
{
	my $log = "$logs/new.log";
	my $daemon = start(act_config("error_log = \"$log\"; access_log = \"$logs/new.access\";"),
	    { log => $log });
	is($daemon->get('/a.txt')->{status}, 200, 'a log that is made');
	is(mode_of($log), '0640', 'cannot be read by everybody');
	is(mode_of("$logs/new.access"), '0640', 'nor can the access log');
	$daemon->stop;
}
like(prongd('--once', '-c', act_config("error_log = \"$logs/once.log\";"),
    { input => "GET / HTTP/1.0\r\n\r\n" })->{output}, qr/\AHTTP/,
    'a connection alone is served');
ok(!-e "$logs/once.log", 'and has standard error for its log');

# A start that fails: in the file, and before the eyes of who tried.
for my $case (
	[ 'a handler', 'missing', 'missing_root = "error";', qr/missing/ ],
	[ 'a listener', '', 'listen = [ "192.0.2.1:1" ];', qr/192\.0\.2\.1/ ],
	[ 'the access log', '', "access_log = \"$logs/no/no/access\";",
	    qr{cannot open the access log \Q$logs\E/no/no/access: No such file} ],
) {
	my ($title, $root, $settings, $why) = @$case;
	my $log = "$logs/fails.log";
	my $folder = $root ? folder() . "/$root" : folder('www');
	$settings .= ' access_log = "off";' unless $settings =~ /access_log/;
	unlink $log;
	my $run = prongd('-c', config("error_log = \"$log\"; $settings\n"
	    . "sites = ( { routes = ( { path = \"/\"; static = "
	    . "{ root = \"$folder\"; }; } ); } );"));
	is($run->{status}, 1, "$title: no start");
	like(read_file($log), qr/^${stamp}error: .*$why/m,
	    "$title: the file says why");
	like($run->{errors}, qr/^${stamp}error: .*$why/m,
	    "$title: standard error does");
	like($run->{errors}, qr/^prongd: error: not started; \Q$log\E says why\n\z/m,
	    "$title: and where to look");
}

# What cannot be a log.
mkfifo("$logs/fifo", 0600) or die "mkfifo: $!";
for my $case (
	[ "$logs/no/no/error.log", qr/No such file or directory/ ],
	[ "$logs", qr/Is a directory/ ],
	[ "$logs/fifo", qr/found what is no file; possible: the path of a file/ ],
	[ "$logs/" . 'x' x 300, qr/File name too long/ ],
) {
	my ($path, $why) = @$case;
	my $run = prongd('-c', act_config("error_log = \"$path\";"));
	is($run->{status}, 1, 'no error log: ' . substr $path, 0, 60);
	like($run->{errors}, qr/error log \Q$path\E[^\n]*$why/,
	    'which is said');
}

# Links are the administrator's, where nobody else could put one.
symlink "$logs/real.log", "$logs/link.log" or die "symlink: $!";
symlink 'link.log', "$logs/link2.log" or die "symlink: $!";
symlink $logs, folder() . '/logs2' or die "symlink: $!";
symlink 'loop', "$logs/loop" or die "symlink: $!";
symlink '/dev/stderr', "$logs/stderr" or die "symlink: $!";
for my $path ("$logs/link.log", "$logs/link2.log",
    folder() . '/logs2/real.log', folder() . '/www/../logs/./real.log') {
	unlink "$logs/real.log";
	my $daemon = start(act_config("error_log = \"$path\"; access_log = \"off\";"),
	    { log => "$logs/real.log" });
	$daemon->stop;
	ok(!-l "$logs/real.log", "$path leads to a file");
}
{
	my $daemon = start(act_config("access_log = \"$logs/stderr\";"));
	$daemon->get('/a.txt');
	ok($daemon->wait_log(qr{"GET /a\.txt}),
	    'and to standard error, wherever that is');
	$daemon->stop;
}
like(prongd('-c', act_config("error_log = \"$logs/loop\";"))->{errors},
    qr/Too many levels of symbolic links/, 'a circle leads nowhere');

SKIP: {
	skip 'who may redirect a log matters to root alone', 65
	    unless running_as_root();
	my ($uid, $gid) = (getpwnam 'nobody')[2, 3];

	# Owner, group and mode of the folder that the log is in, or of the
	# folder around that; whether the log is opened.
	for my $case (
		[ 1, 0, 0755, 'in', 0 ], [ 1, 0, 0755, 'around', 0 ],
		[ $uid, 0, 0775, 'in', 0 ], [ $uid, 0, 0757, 'in', 0 ],
		[ 0, $gid, 0775, 'in', 0 ], [ 0, $gid, 0775, 'around', 0 ],
		[ 0, $gid, 0755, 'in', 1 ], [ 0, 1, 0775, 'in', 1 ],
		[ 0, 0, 0777, 'in', 0 ], [ 0, 0, 0777, 'around', 0 ],
		[ 0, 0, 01777, 'in', 0 ], [ 0, 0, 01777, 'around', 1 ],
	) {
		my ($owner, $group, $mode, $which, $is_opened) = @$case;
		my $around = folder('around');
		my $in = folder('around/in');
		my $folder = $which eq 'in' ? $in : $around;
		chown $owner, $group, $folder or die "chown: $!";
		chmod $mode, $folder or die "chmod: $!";
		my $title = sprintf 'owner %d, group %d, mode %04o %s it',
		    $owner, $group, $mode, $which;
		for my $name ('access', 'error') {
			my $run = prongd($name eq 'error' ? '-c' : ('--once', '-c'),
			    act_config("user = \"nobody\"; ${name}_log = \"$in/log\";"
			    . ($name eq 'error' ? 'listen = "192.0.2.1:1";' : '')),
			    { input => "GET /a.txt HTTP/1.0\r\n\r\n" });
			if ($is_opened) {
				ok(-s "$in/log", "$title: the $name log is opened");
			} else {
				like($run->{errors}, qr/cannot open the $name log \Q$in\E\/log: found \Q$folder\E with owner $owner, .*possible: /,
				    "$title: the $name log is refused");
				ok(!-e "$in/log", 'and not made');
			}
		}
		unlink "$in/log";
		chown 0, 0, $in, $around;
		chmod 0755, $in, $around;
	}

	# In a folder of the server's user, root has that user's rights alone.
	my $theirs = folder('theirs');
	chown $uid, $gid, $theirs or die "chown: $!";
	chmod 0750, $theirs or die "chmod: $!";
	my $precious = write_file('precious', "untouched\n");
	my $reach = write_file('reach', '');
	chown $uid, $gid, $reach or die "chown: $!";
	symlink $precious, "$theirs/precious" or die "symlink: $!";
	symlink $reach, "$theirs/reach" or die "symlink: $!";
	mkdir "$theirs/roots" or die "mkdir: $!";
	my $once = sub {
		my ($name, $path) = @_;
		return prongd($name eq 'error' ? '-c' : ('--once', '-c'),
		    act_config("user = \"nobody\"; ${name}_log = \"$path\";"
		    . ($name eq 'error' ? 'listen = "192.0.2.1:1";' : '')),
		    { input => "GET /a.txt HTTP/1.0\r\n\r\n" });
	};
	for my $name ('access', 'error') {
		$once->($name, "$theirs/$name.log");
		ok(-s "$theirs/$name.log", "the $name log is opened in a "
		    . 'folder of the server\'s user');
		is((stat _)[4], $uid, 'and belongs to this user');
		for my $no ("$theirs/precious", "$theirs/roots/log") {
			like($once->($name, $no)->{errors}, qr/cannot open the $name log \Q$no\E as the user "nobody", whom a folder of this path belongs to: Permission denied/,
			    "the $name log is not what this user may not open");
		}
		ok(!-e "$theirs/roots/log", 'and not made');
		is(read_file($precious), "untouched\n", 'nor written to');
		$once->($name, "$theirs/reach");
		ok(-s $reach, 'a link leads to what this user may open');
		truncate $reach, 0;
	}
	# As root.conf among the examples starts it.
	my $few = write_file('few/prongd', "#!/bin/sh\nexec setpriv --bounding-set "
	    . "-all,+setuid,+setgid,+kill '$ENV{PRONGD}' \"\$@\"\n");
	chmod 0755, $few;
	symlink $ENV{PRONGD} =~ s/d\z//r, folder('few') . '/prong'
	    or die "symlink: $!";
	my $has_setpriv = system('setpriv --version >/dev/null 2>&1') == 0;
	for my $program ($ENV{PRONGD}, $has_setpriv ? $few : ()) {
		unlink "$theirs/new", "$theirs/lines";
		local $ENV{PRONGD} = $program;
		my $daemon = start(act_config("user = \"nobody\"; "
		    . "error_log = \"$theirs/new\"; "
		    . "access_log = \"$theirs/lines\";"),
		    { log => "$theirs/new" });
		unlink "$theirs/lines" or die "unlink: $!";
		is($daemon->prong('reopen')->{status}, 0,
		    'root opens it again');
		$daemon->get('/a.txt');
		is($daemon->prong('reload')->{status}, 0,
		    'root is root again after that');
		$daemon->stop;
		ok(-s "$theirs/lines", 'and the log goes on');
	}

	# A link that somebody else has put into a folder like /tmp.
	my $sticky = folder('sticky');
	chmod 01777, $sticky;
	symlink $logs, "$sticky/theirs" or die "symlink: $!";
	system 'chown', '-h', "$uid:$gid", "$sticky/theirs";
	like(prongd('-c', act_config("error_log = \"$sticky/theirs/x\";"))->{errors},
	    qr/found \Q$sticky\E with/, 'a link of somebody else\'s is not followed');
	ok(!-e "$logs/x", 'nothing is made behind it');
	symlink $logs, "$sticky/ours" or die "symlink: $!";
	my $daemon = start(act_config("error_log = \"$sticky/ours/x\";"),
	    { log => "$logs/x" });
	pass('one of root\'s is');
	$daemon->stop;
}

# The journal: priorities, where it is that listens there.
sub speak {
	my ($daemon) = @_;
	my @clients = map { $daemon->connect } 1 .. 50;
	for (1 .. 4) {
		$_->send(request('GET', steps('log ' . 'y' x 900 . '|print x')))
		    for @clients;
		$_->answer for @clients;
	}
	$_->close for @clients;
}

for my $kind ('pipe', 'socket') {
	my ($reader, $writer);
	if ($kind eq 'pipe') {
		pipe $reader, $writer or die "pipe: $!";
	} else {
		socketpair $reader, $writer, AF_UNIX, SOCK_STREAM, PF_UNSPEC
		    or die "socketpair: $!";
	}
	my $log = folder() . "/copy.$kind";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		close $writer;
		open my $out, '>', $log or POSIX::_exit(1);
		while (sysread $reader, my $got, 65536) {
			syswrite $out, $got;
		}
		POSIX::_exit(0);
	}
	local $ENV{JOURNAL_STREAM} = join ':', (stat $writer)[0, 1];
	my $daemon = start(act_config('access_log = "off"; max_connections_per_client = 0;'),
	    { log => $log, errors => $writer });
	close $writer;
	speak($daemon);
	is($daemon->stop, 0, 'the daemon stops');
	waitpid $pid, 0;
	my $text = read_file($log);
	like($text, qr/\A(?:<[3-7]>.*\n)+\z/, "$kind: lines begin with priorities");
	is(scalar(() = $text =~ /^<6>act of \/act: y{900}, id \w{32} \(127\.0\.0\.1[^<]*"\)$/mg), 200,
	    "$kind: lines of many processes are whole");
}
{
	local $ENV{JOURNAL_STREAM} = '1:1';
	my $daemon = start(act_config('access_log = "off";'));
	$daemon->log_like(qr/\A(?:$stamp.*\n)+\z/,
	    'a journal that listens elsewhere gets no priorities here');
	$daemon->stop;
}

done_testing;
