# A cluster of PostgreSQL in the folder of a script, reached by a Unix socket there.
#
#	my $database = Prong::Postgres->new;	# or undef and why
#	$database->start;
#	# host => $database->socket_folder, user and database "postgres"
#	$database->stop;			# at once, as a crash of it
#
# SPDX-License-Identifier: ISC
package Prong::Postgres;
use strict;
use warnings;

use POSIX ();

use Prong qw(folder read_file running_as_root);
use Prong::Process;

# The newest that is installed, as Debian has it, or that of the search path.
sub binaries {
	my ($newest) = sort { ($b =~ /(\d+)/)[0] <=> ($a =~ /(\d+)/)[0] }
	    glob '/usr/lib/postgresql/*/bin';
	return grep { -x "$_/initdb" && -x "$_/pg_ctl" }
	    grep { defined } $newest, split /:/, $ENV{PATH};
}

# It refuses root.
sub unprivileged {
	return () unless running_as_root();
	for my $name ('postgres', 'nobody') {
		my ($uid, $gid) = (getpwnam $name)[2, 3];
		return ($uid, $gid) if defined $uid;
	}
	return ();
}

# Nothing, where there is none.
sub new {
	my ($class) = @_;
	my ($binaries) = binaries() or return;
	my @user = unprivileged();
	return if running_as_root() && !@user;
	my $self = bless { binaries => $binaries, user => \@user,
	    folder => folder('database') }, $class;
	chown @user, $self->{folder} if @user;
	$self->run('initdb', '-D', "$self->{folder}/data", '-A', 'trust',
	    '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C');
	open my $settings, '>>', "$self->{folder}/data/postgresql.conf"
	    or die "postgresql.conf: $!";
	print $settings "listen_addresses = ''\nfsync = off\n"
	    . "unix_socket_directories = '$self->{folder}'\n"
	    . "unix_socket_permissions = 0777\nmax_connections = 100\n"
	    . "shared_buffers = 16MB\n";
	close $settings or die "postgresql.conf: $!";
	return $self;
}

# Of its socket.
sub socket_folder {
	return $_[0]{folder};
}

# A program of it; dies with what it has said.
sub run {
	my ($self, $name, @arguments) = @_;
	my $log = "$self->{folder}/$name.out";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		my ($uid, $gid) = @{ $self->{user} };
		if (defined $uid) {
			$( = $gid;
			$) = "$gid $gid";
			POSIX::setuid($uid);
		}
		chdir $self->{folder};
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', $log;
		open STDERR, '>&', \*STDOUT;
		exec "$self->{binaries}/$name", @arguments or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return if $? == 0;
	die "$name: status $?: ", -e $log ? read_file($log) : '';
}

sub control {
	my ($self, @arguments) = @_;
	$self->run('pg_ctl', '-D', "$self->{folder}/data", '-s', '-w', '-t',
	    $Prong::patience, '-l', "$self->{folder}/log", @arguments);
	return;
}

sub start {
	my ($self) = @_;
	$self->control('start');
	$self->{is_running} = $$;
	return;
}

sub stop {
	my ($self) = @_;
	$self->control('stop', '-m', 'immediate');
	delete $self->{is_running};
	return;
}

# Its processes that serve somebody.
sub sessions {
	my ($self) = @_;
	my ($pid) = read_file("$self->{folder}/data/postmaster.pid") =~ /\A(\d+)/;
	return grep { Prong::Process::title($_) =~ /: postgres postgres / }
	    Prong::Process::children($pid);
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@);
	eval { $self->stop } if ($self->{is_running} || 0) == $$;
	return;
}

1;
