# The servers that are compared: how each is configured and started, and in which
# groups of workloads it takes part. Their configurations are the templates in
# peers/, where @NAME@ stands for a value.
#
# SPDX-License-Identifier: ISC
package Bench::Peers;
use strict;
use warnings;

use File::Copy ();

use Bench;
use Bench::Build;

my $is_root = $> == 0;
my $user = getpwnam('www-data') ? 'www-data' : 'nobody';
my $group = getgrnam('www-data') ? 'www-data' : 'nogroup';
my $apache_modules = '/usr/lib/apache2/modules';

# Where a handler can be in processes of several kinds.
my @handlers = qw(handler handler-new);

# Open files that a server may have.
my $files = 16384;

# A line of the configuration that only root's servers have.
sub for_root {
	return $is_root ? shift : '';
}

my @all = qw(kept hot large new idle many handler handler-new upload start reload overload
    log);
my @files = qw(kept hot large new idle many start overload log);

sub nginx {
	my (%fill) = @_;
	my $content = 'x' x 1024;
	return { program => 'nginx', template => 'nginx.conf', reload => 'HUP',
	    fill => sub {
		my ($run) = @_;
		# Of a worker. Connections are not shared evenly, so each gets
		# all places, unless these are to be too few.
		my $places = $run->{places} < $run->{clients}
		    ? int($run->{places} / Bench::cores()) : $run->{places};
		$places += 8;
		return (USER => for_root("user $user;"), CACHE => '',
		    DEFERRED => '', WORKER_PLACES => $places,
		    HANDLER => "return 200 \"$content\";",
		    LOG => $run->{log} || 'off', %fill);
	    }, command => sub {
		my ($program, $config, $folder) = @_;
		return ($program, '-p', $folder, '-e', 'stderr', '-c',
		    $config);
	    } };
}

# As many processes or threads as clients are expected, from the start.
my %mpm_settings = (
	prefork => sub {
		my ($run) = @_;
		my $spare = $run->{clients} < $run->{places}
		    ? $run->{clients} : $run->{places};
		return <<"END";
ServerLimit $run->{places}
MaxRequestWorkers $run->{places}
StartServers $spare
MinSpareServers 8
MaxSpareServers $run->{places}
END
	},
	event => sub {
		my ($run) = @_;
		my $threads = $run->{places} < 2048 ? $run->{places} : 2048;
		$threads -= $threads % 64;
		my $processes = $threads / 64;
		my $at_first = int(($run->{clients} + 63) / 64);
		$at_first = $processes if $at_first > $processes;
		return <<"END";
ServerLimit $processes
ThreadsPerChild 64
ThreadLimit 64
MaxRequestWorkers $threads
StartServers $at_first
MinSpareThreads 64
MaxSpareThreads $threads
AsyncRequestWorkerFactor 100
END
	},
);

sub apache {
	my ($mpm) = @_;
	return { program => 'apache2', template => 'apache.conf',
	    reload => 'USR1', needs => "$apache_modules/mod_mpm_$mpm.so",
	    fill => sub {
		my ($run) = @_;
		my $module = Bench::Build::apache_module();
		return (MPM => $mpm, MODULES => $apache_modules,
		    USER => for_root("User $user\nGroup $group"),
		    MPM_SETTINGS => $mpm_settings{$mpm}->($run),
		    LOG => $run->{log}
			? "CustomLog $run->{log} \"%h %l %u %t \\\"%r\\\" "
			. '%>s %O \"%{Referer}i\" \"%{User-Agent}i\""' : '',
		    LOAD => $module
			? "LoadModule prong_bench_module $module" : '',
		    HANDLERS => $module ? join("\n",
			map { "<Location \"/$_->[0]\">\nSetHandler "
			. "prong-$_->[1]\n</Location>" }
			[ 'handler', 'constant' ], [ 'discard', 'discard' ])
			: '');
	    }, command => sub {
		my ($program, $config) = @_;
		return ($program, '-f', $config, '-DFOREGROUND');
	    } };
}

sub prong {
	my (%fill) = @_;
	return { program => $ENV{PRONGD}, template => 'prong.conf',
	    reload => 'HUP', fill => sub {
		my ($run) = @_;
		# From 95 % of them on, connections have processes.
		my $places = $run->{places} < $run->{clients} ? $run->{places}
		    : int($run->{places} * 1.1) + 1;
		return (USER => for_root("user = \"$user\";"), WORKERS => '',
		    PLACES => $places, PLUGINS => plugins(),
		    HANDLERS => handlers(''), LOG => $run->{log} || 'off', %fill);
	    }, command => sub {
		my ($program, $config) = @_;
		return ($program, '-c', $config);
	    } };
}

# Routes that have the handlers of the tests.
sub handlers {
	my ($process) = @_;
	return "\t{ exact = \"/handler\"; $process constant = { }; },\n"
	    . "\t{ exact = \"/discard\"; discard = { }; },";
}

# The program of another build, by --disable-shared.
my $static_program = ($ENV{PRONG_BUILDDIR} // '.') . '/static/src/prongd';

# static and the handlers of the tests in one folder.
sub plugins {
	my $folder = "$Bench::folder/plugins";
	return $folder if -d $folder;
	mkdir $folder or die "$folder: $!";
	my $tests = "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs";
	for ("$ENV{PRONG_PLUGINS}/static.so", "$tests/constant.so",
	    "$tests/discard.so") {
		File::Copy::copy($_, $folder) or die "$_: $!";
	}
	return $folder;
}

# Some servers make their files as the user that serves.
sub give {
	my ($path) = @_;
	return unless $is_root;
	chown scalar getpwnam($user), scalar getgrnam($group), $path
	    or die "chown $path: $!";
}

# What the server says of a configuration that has nothing but this setting.
sub knows_workers {
	my $config = Bench::write_file('setting.conf',
	    "workers = @{[ Bench::cores() ]};\n");
	my $says = qx{'$ENV{PRONGD}' -t -c '$config' 2>&1};
	return $says !~ /\bworkers: found an unknown setting/;
}

my $fcgi_socket = 'unix:' . ($Bench::folder // '') . '/fcgi.sock';

my $nginx_cache = "open_file_cache max=10000 inactive=600s;\n"
    . "\topen_file_cache_valid 60s;";

my @peers = (
	{ name => 'nginx', groups => \@all, %{nginx()} },
	{ name => 'nginx cache', groups => [qw(kept hot large new)],
	    %{nginx(CACHE => $nginx_cache)} },
	{ name => 'nginx deferred', groups => [qw(new overload)],
	    %{nginx(DEFERRED => 'deferred')} },
	{ name => 'nginx cache deferred', groups => [qw(new)],
	    %{nginx(CACHE => $nginx_cache, DEFERRED => 'deferred')} },
	{ name => 'nginx fastcgi', groups => [qw(handler handler-new upload)],
	    %{nginx(HANDLER => 'fastcgi_pass ' . $fcgi_socket . '; '
		. 'fastcgi_request_buffering off; fastcgi_param '
		. 'CONTENT_LENGTH $content_length; fastcgi_param '
		. 'REQUEST_METHOD $request_method;')},
	    beside => sub { Bench::Build::fcgi_program() } },
	{ name => 'lighttpd', groups => [ @files, 'reload' ],
	    program => 'lighttpd', template => 'lighttpd.conf',
	    reload => 'USR1', fill => sub {
		my ($run) = @_;
		return (USER => for_root("server.username = \"$user\"\n"
			. "server.groupname = \"$group\""),
		    LOG => $run->{log} ? 'server.modules += ( "mod_accesslog" '
			. ")\naccesslog.filename = \"$run->{log}\"" : '',
		    WORKERS => Bench::cores());
	    }, command => sub {
		my ($program, $config) = @_;
		return ($program, '-D', '-f', $config);
	    } },
	{ name => 'h2o', groups => \@files, program => 'h2o',
	    template => 'h2o.conf', fill => sub {
		my ($run) = @_;
		return (USER => for_root("user: $user"),
		    LOG => $run->{log} ? "access-log: $run->{log}" : '');
	    }, command => sub {
		my ($program, $config) = @_;
		return ($program, '-m', 'worker', '-c', $config);
	    } },
	{ name => 'apache prefork', groups => [ grep { $_ ne 'many' } @all ],
	    %{apache('prefork')} },
	{ name => 'apache event', groups => \@all, %{apache('event')} },
	{ name => 'mini_httpd', groups => [qw(new start)],
	    program => 'mini_httpd', template => 'mini_httpd.conf',
	    fill => sub {
		my ($run) = @_;
		return (USER => for_root("user=$user"),
		    LOG => $run->{log} || '/dev/null');
	    }, command => sub {
		my ($program, $config) = @_;
		return ($program, '-D', '-C', $config);
	    } },
	{ name => 'prong', groups => \@all, %{prong()} },
	{ name => 'prong workers', groups => \@all, %{prong(
	    WORKERS => "workers = @{[ Bench::cores() ]};",
	    HANDLERS => handlers('process = "shared";'))} },
	{ name => 'prong static', groups => [qw(kept new)],
	    %{prong(HANDLERS => '')}, program => $static_program },
	# Handlers have processes of their own, for a connection or for many.
	{ name => 'prong workers own', groups => \@handlers, %{prong(
	    WORKERS => "workers = @{[ Bench::cores() ]};",
	    HANDLERS => handlers('process = "own";'))} },
	{ name => 'prong pool', groups => \@handlers, %{prong(
	    WORKERS => "workers = @{[ Bench::cores() ]};",
	    HANDLERS => handlers(
		'processes = { requests = 1000; queue_timeout = "1 min"; };'))} },
);

sub names {
	return map { $_->{name} } @peers;
}

# The reason why a peer cannot be measured here, or nothing.
sub reason_against {
	my ($peer) = @_;
	return 'not installed' unless $peer->{name} =~ /^prong/
	    || Bench::find_program($peer->{program});
	return 'not installed' if $peer->{needs} && !-e $peer->{needs};
	return 'the FastCGI program cannot be built here (libfcgi-dev)'
	    if $peer->{beside} && !$peer->{beside}->();
	return 'not there: no static program was built (see README.md)'
	    if $peer->{name} eq 'prong static' && !-x $peer->{program};
	return 'not there: prongd does not know the setting workers'
	    if $peer->{name} =~ /^prong ./ && !knows_workers();
	return;
}

# Why a peer that is there has no part in a group although its kind has.
sub reason_against_group {
	my ($peer, $group) = @_;
	return 'the module cannot be built here (apache2-dev)'
	    if $group =~ /handler|upload/ && $peer->{template} eq 'apache.conf'
	    && !Bench::Build::apache_module();
	return;
}

# All peers of these names, with { missing } where one cannot be measured.
sub select {
	my (@names) = @_;
	my %wanted = map { $_ => 1 } @names;
	for my $peer (grep { $wanted{$_->{name}} } @peers) {
		$peer->{missing} = reason_against($peer);
	}
	return grep { $wanted{$_->{name}} } @peers;
}

# Of those that are there: program to version.
sub versions {
	my (@found) = @_;
	my %version = (prong => '-V', nginx => '-v', lighttpd => '-v',
	    h2o => '-v', apache2 => '-v', mini_httpd => '-V');
	my %versions;
	for my $peer (grep { !$_->{missing} } @found) {
		my $path = path_of($peer);
		my ($name) = $peer->{name} =~ /^prong/ ? 'prong'
		    : $peer->{program};
		my ($version) = qx{'$path' $version{$name} 2>&1}
		    =~ /(\d+(?:\.\d+)+)/;
		$versions{$name} = $version || 'unknown';
	}
	return %versions;
}

# Writes the configuration of a run: { folder, port, root, places, clients, log }.
# Returns its path.
sub configure {
	my ($peer, $run) = @_;
	my $template = Bench::read_file("$ENV{PRONG_SRCDIR}/tests/bench/peers/"
	    . $peer->{template}) or die "$peer->{template}: $!";
	my %value = (FOLDER => $run->{folder}, PORT => $run->{port},
	    ROOT => $run->{root}, PLACES => $run->{places}, FILES => $files,
	    CORES => Bench::cores(), $peer->{fill}->($run));
	$template =~ s{\@([A-Z_]+)\@}{$value{$1} // die "no value of $1\n"}ge;
	my $path = "$run->{folder}/$peer->{template}";
	open my $file, '>', $path or die "$path: $!";
	print $file $template;
	close $file or die "$path: $!";
	return $path;
}

sub path_of {
	my ($peer) = @_;
	return $peer->{name} =~ /^prong/ ? $peer->{program}
	    : Bench::find_program($peer->{program});
}

sub command {
	my ($peer, $run, $config) = @_;
	return $peer->{command}->(path_of($peer), $config, $run->{folder});
}

# What has to run beside it, in the same group: a command, or nothing.
sub command_beside {
	my ($peer) = @_;
	return unless $peer->{beside};
	return ($peer->{beside}->(), substr($fcgi_socket, 5), Bench::cores());
}

1;
