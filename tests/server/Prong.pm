# What the server tests share: configurations and files in a temporary folder
# of the script's own, prongd on standard input and output, prongd as a daemon
# on a port of the kernel's choice, and a strict reader of answers.
#
#	use Prong;
#	write_file('www/a.txt', "a\n");
#	my $config = config('{ path = "/"; static = { root = "' .
#	    folder('www') . '"; }; }');
#	my $answer = get($config, '/a.txt');
#	is($answer->{status}, 200, 'a file is found');
#	is($answer->field('Content-Length'), 2, 'its length is told');
#
# SPDX-License-Identifier: ISC
package Prong;
use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use Fcntl qw(F_DUPFD);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp ();
use IO::Handle;
use IO::Select;
use POSIX qw(WNOHANG);
use Time::HiRes qw(time sleep);

use Prong::Answer;
use Prong::Client;
use Prong::Daemon;

our @EXPORT = qw(folder write_file read_file config prongd once responses ask
    get request start wait_until wait_settled running_as_root);

# Long enough for a loaded machine: nothing waits this long but a failure.
our $patience = $ENV{PRONG_PATIENCE} || 60;

# When the tests run as root, prongd becomes another user, who must be able to
# read what is written here.
umask 022;
$SIG{PIPE} = 'IGNORE';

my ($folder, $owner, $configs);

# folder('a/b'): the absolute path of a folder below this script's own, made
# when it is not there; folder(): its own.
sub folder {
	my ($name) = @_;
	unless ($folder) {
		$folder = File::Temp::tempdir('prong-XXXXXX', TMPDIR => 1);
		$owner = $$;
		chmod 0755, $folder or die "chmod $folder: $!";
	}
	return $folder unless defined $name;
	make_path("$folder/$name");
	return "$folder/$name";
}

sub absolute {
	my ($name) = @_;
	return $name =~ m{^/} ? $name : folder() . "/$name";
}

# Writes a file (below the folder unless the path is absolute), octets as they
# are, and returns its absolute path.
sub write_file {
	my ($name, $content) = @_;
	my $path = absolute($name);
	make_path(dirname($path));
	open my $file, '>:raw', $path or die "$path: $!";
	print $file defined $content ? $content : '' or die "$path: $!";
	close $file or die "$path: $!";
	return $path;
}

sub read_file {
	my ($name) = @_;
	my $path = absolute($name);
	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	my $content = <$file>;
	return defined $content ? $content : '';
}

sub has_setting {
	my ($text, $name) = @_;
	return $text =~ /(?:^|;)\s*$name\s*[=:]/m;
}

# Times that a test does not wait for, but may need when the machine has other work:
# a client that pauses that long has done so unwillingly.
my %patient = (idle_timeout => '30 s', head_timeout => '2 min',
    body_timeout => '2 min', open_timeout => '1 min',
    drain_timeout => '10 min');

# Writes a configuration and returns its path. The text is a whole one when it
# has "sites", else the routes of a single site. What it does not say about
# plugin_dir, listen and some times is added. config($text, workers => 0) is for
# what is true of processes of connections alone, and says why.
sub config {
	my ($text, %how) = @_;
	$text = "sites = ( { routes = (\n$text\n); } );\n"
	    unless has_setting($text, 'sites');
	# On the first line, so that the text's lines have the same numbers.
	my $head = join '', map { "$_ = \"$patient{$_}\"; " }
	    grep { !has_setting($text, $_) } sort keys %patient;
	$head .= "plugin_dir = \"$ENV{PRONG_PLUGINS}\";\n"
	    if $ENV{PRONG_PLUGINS} && !has_setting($text, 'plugin_dir');
	# "PRONG_WORKERS=2 make check" runs the suite with workers.
	my $workers = $how{workers} // $ENV{PRONG_WORKERS};
	$head .= "workers = $workers;\n"
	    if $workers && !has_setting($text, 'workers');
	$head .= "listen = [ \"127.0.0.1:0\" ];\n"
	    unless has_setting($text, 'listen');
	# One folder each: prongd reads the conf.d beside its configuration.
	return write_file(sprintf('config%d/prongd.conf', ++$configs),
	    "$head$text");
}

# For scripts that write a configuration themselves, on its first line.
sub workers_setting {
	return $ENV{PRONG_WORKERS} ? "workers = $ENV{PRONG_WORKERS};" : '';
}

sub program {
	my $program = $ENV{PRONGD} or croak 'PRONGD is not set';
	return $program;
}

# As a service manager passes sockets (sd_listen_fds(3)): descriptors from 3 on
# and three variables. For a process that is about to execute another program.
sub pass {
	my ($sockets, $names) = @_;
	# None may be in another's place.
	my @high = map { fcntl($_, F_DUPFD, 100) // die "dup: $!" } @$sockets;
	for my $i (0 .. $#high) {
		POSIX::dup2($high[$i], 3 + $i) // die "dup2: $!";
		POSIX::close($high[$i]);
	}
	$ENV{LISTEN_PID} = $$;
	$ENV{LISTEN_FDS} = @high;
	$ENV{LISTEN_FDNAMES} = join ':', @$names if $names;
	return;
}

# Starts prongd with these descriptors as standard input, output and error. A
# hash last may have sockets to pass, and their names.
sub spawn {
	return spawn_program(program(), @_);
}

sub spawn_program {
	my $options = ref $_[-1] eq 'HASH' ? pop : {};
	my ($program, $in, $out, $err, @arguments) = @_;
	my $pid = fork;
	defined $pid or die "fork: $!";
	return $pid if $pid;
	eval {
		$SIG{PIPE} = 'DEFAULT';
		POSIX::dup2(fileno $in, 0) // die "dup2: $!";
		POSIX::dup2(fileno $out, 1) // die "dup2: $!";
		POSIX::dup2(fileno $err, 2) // die "dup2: $!";
		pass($options->{sockets}, $options->{names})
		    if $options->{sockets};
		exec { $program } $program, @arguments
		    or die "$program: $!";
	};
	syswrite STDERR, $@;
	POSIX::_exit(127);
}

# prongd(@arguments, { input => $octets }): runs it to its end. Returns a hash:
# output, errors, status (of exit), signal.
sub prongd {
	return run(program(), @_);
}

# The same for the companion command, which is built beside prongd.
sub prong {
	return run(program() =~ s/prongd\z/prong/r, @_);
}

sub run {
	my $program = shift;
	my $options = ref $_[-1] eq 'HASH' ? pop : {};
	my @arguments = @_;
	my (%near, %far);
	pipe $far{in}, $near{in} or die "pipe: $!";
	pipe $near{out}, $far{out} or die "pipe: $!";
	pipe $near{err}, $far{err} or die "pipe: $!";
	my $pid = spawn_program($program, @far{qw(in out err)}, @arguments,
	    $options);
	close $_ for values %far;
	my ($output, $errors, $late) = converse(\%near,
	    defined $options->{input} ? $options->{input} : '');
	kill 'KILL', $pid if $late;
	waitpid $pid, 0;
	die "$program @arguments did not end within $patience s: $errors"
	    if $late;
	return { output => $output, errors => $errors, status => $? >> 8,
	    signal => $? & 127 };
}

# Feeds one pipe and reads two, in whatever order they are ready.
sub converse {
	my ($pipe, $input) = @_;
	my %text = (out => '', err => '');
	my %name = map { fileno $pipe->{$_} => $_ } qw(out err);
	my $readers = IO::Select->new(@$pipe{qw(out err)});
	my $writers = IO::Select->new($pipe->{in});
	my $until = time + $patience;
	$pipe->{in}->blocking(0);
	while ($readers->count) {
		if (!length $input && $writers->count) {
			$writers->remove($pipe->{in});
			close $pipe->{in};
		}
		my $left = $until - time;
		my ($readable, $writable) = IO::Select->select($readers,
		    $writers->count ? $writers : undef, undef,
		    $left > 0 ? $left : 0);
		return (@text{qw(out err)}, 1) if $left <= 0;
		for my $handle (@{$readable || []}) {
			my $name = $name{fileno $handle};
			my $got = sysread $handle, $text{$name}, 65536,
			    length $text{$name};
			$readers->remove($handle) unless $got;
		}
		next unless $writable && @$writable;
		my $put = syswrite $pipe->{in}, $input, 65536;
		# Who does not read on has closed its end: let it.
		$input = '' if !defined $put && $!{EPIPE};
		substr $input, 0, $put, '' if $put;
	}
	return (@text{qw(out err)}, 0);
}

my $last_errors = '';

# What the last once() had on its standard error.
sub errors {
	return $last_errors;
}

# once($config, $octets, @arguments): one connection on standard input and
# output; returns the octets that the client gets.
sub once {
	my ($config, $octets, @arguments) = @_;
	my $run = prongd('--once', '-c', $config, @arguments,
	    { input => $octets });
	$last_errors = $run->{errors};
	die "prongd --once ended by signal $run->{signal}: $run->{errors}"
	    if $run->{signal};
	return $run->{output};
}

# All answers in the octets of a connection; the methods of the requests are
# told when they are not all GET. Dies when an answer is malformed.
sub responses {
	my ($octets, @methods) = @_;
	my @answers;
	while (length $octets) {
		push @answers, Prong::Answer::take(\$octets,
		    @methods ? shift @methods : 'GET', 1);
	}
	return @answers;
}

# One request as octets: request('GET', '/', [ 'Accept: */*' ], $body). Host is
# added when missing, Content-Length when there is a body.
sub request {
	my ($method, $target, $fields, $body) = @_;
	my @lines = @{$fields || []};
	unshift @lines, 'Host: localhost' unless grep { /^host:/i } @lines;
	push @lines, 'Content-Length: ' . length $body if defined $body
	    && !grep { /^(content-length|transfer-encoding):/i } @lines;
	return join("\r\n", "$method $target HTTP/1.1", @lines) . "\r\n\r\n"
	    . (defined $body ? $body : '');
}

# One request, one answer.
sub ask {
	my ($config, $method, $target, $fields, $body) = @_;
	my $octets = once($config, request($method, $target,
	    [ @{$fields || []}, 'Connection: close' ], $body));
	my @answers = responses($octets, $method);
	die sprintf "%s %s: %d answers where one is due: %s", $method, $target,
	    scalar @answers, $octets . errors() unless @answers == 1;
	return $answers[0];
}

# get($config, '/path', 'Accept: text/plain', ...)
sub get {
	my ($config, $target, @fields) = @_;
	return ask($config, 'GET', $target, \@fields);
}

# A daemon that listens, the last argument may be a hash: see Prong::Daemon. Stopped at the end of the script.
sub start {
	return Prong::Daemon->start(@_);
}

# wait_until { condition } 'what is awaited': its value as soon as it is true;
# dies after $patience seconds.
sub wait_until (&;$) {
	my ($condition, $what) = @_;
	my $until = time + $patience;
	while (1) {
		my $value = $condition->();
		return $value if $value;
		croak 'in vain waited for ', $what || 'a condition'
		    if time > $until;
		sleep 0.005;
	}
}

# Waits until the last change of each file is so long ago that static gives it a
# strong tag: nobody can set that time.
sub wait_settled {
	for my $path (map { absolute($_) } @_) {
		my $changed = (stat $path)[10] // croak "$path: $!";
		# The seconds of time(2) may lag behind the clock by a tick.
		wait_until { time > $changed + 3.1 } "$path to settle";
	}
	return;
}

sub running_as_root {
	return $> == 0;
}

# Whether this machine has an address for the name localhost: a bare system may
# have neither /etc/hosts nor a name server.
sub knows_localhost {
	return defined gethostbyname 'localhost';
}

# Whether the sanitizers are built in, which see some faults before the kernel
# does, and take memory for themselves.
sub is_sanitized {
	return read_file(program()) =~ /__asan_init/ ? 1 : 0;
}

# A forked client of a test ends without touching what is its parent's.
END {
	my $status = $?;
	Prong::Daemon::stop_all();
	File::Path::remove_tree($folder)
	    if defined $folder && $owner == $$;
	$? = $status;
}

1;
