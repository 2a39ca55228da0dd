# An answer as RFC 9112 has it, read strictly: what this reader lets pass, every
# client understands in the same way.
#
# SPDX-License-Identifier: ISC
package Prong::Answer;
use strict;
use warnings;

my $token = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;
my $text = qr/[\t\x20-\x7e\x80-\xff]*/;

# Takes one final answer off the octets; interim ones (1xx) before it are kept
# in {interim}. When they do not suffice: undef, or with $at_end an answer whose
# body is {cut}; a head that is cut is malformed then. Dies on what is malformed.
sub take {
	my ($octets, $method, $at_end) = @_;
	my @interim;
	my $rest = $$octets;
	while (1) {
		my $answer = take_head(\$rest);
		unless ($answer) {
			die "a head without end: $rest\n" if $at_end;
			return;
		}
		if ($answer->{status} < 200) {
			push @interim, $answer;
			next;
		}
		$answer->{interim} = \@interim;
		take_body($answer, \$rest, $method, $at_end) or return;
		$$octets = $rest;
		return $answer;
	}
}

sub take_head {
	my ($rest) = @_;
	my $end = index $$rest, "\r\n\r\n";
	return if $end < 0;
	my ($first, @lines) = split /\r\n/, substr($$rest, 0, $end), -1;
	my ($version, $status, $reason) =
	    $first =~ m{\AHTTP/(1\.1) ([1-5][0-9][0-9]) ($text)\z}
	    or die "not a status line: $first\n";
	my @fields;
	for (@lines) {
		m{\A($token):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\z}
		    or die "not a field line: $_\n";
		push @fields, [ $1, $2 ];
	}
	my $self = bless { version => $version, status => $status,
	    reason => $reason, fields => \@fields, body => '',
	    head => substr($$rest, 0, $end + 4) }, __PACKAGE__;
	substr $$rest, 0, $end + 4, '';
	return $self;
}

# RFC 9112 6.3, in its order.
sub take_body {
	my ($self, $rest, $method, $at_end) = @_;
	my @coding = $self->values('Transfer-Encoding');
	my @length = $self->values('Content-Length');
	die "both Transfer-Encoding and Content-Length\n" if @coding && @length;
	die "Content-Length twice\n" if @length > 1;
	return 1 if $method eq 'HEAD' || $self->{status} == 204
	    || $self->{status} == 304;
	return $self->take_chunks($rest, $at_end) if @coding;
	return $self->take_all($rest, $at_end) unless @length;
	$length[0] =~ /\A[0-9]+\z/ or die "Content-Length: $length[0]\n";
	my $missing = $length[0] > length $$rest;
	return if $missing && !$at_end;
	$self->{cut} = 1 if $missing;
	$self->{body} = substr $$rest, 0, $length[0], '';
	return 1;
}

# A body without a length ends with the connection, which must be announced.
sub take_all {
	my ($self, $rest, $at_end) = @_;
	die "neither length nor close\n"
	    unless $self->{status} < 200 || lc($self->field('Connection') // '')
	    eq 'close';
	return unless $at_end;
	$self->{body} = $$rest;
	$$rest = '';
	return 1;
}

sub take_chunks {
	my ($self, $rest, $at_end) = @_;
	die "Transfer-Encoding is not chunked\n"
	    unless lc join(',', $self->values('Transfer-Encoding'))
	    eq 'chunked';
	my ($coded, $partial) = ($$rest, 0);
	$self->{chunks} = 0;
	while ($coded =~ s/\A([0-9A-Fa-f]{1,15})\r\n//) {
		my $size = hex $1;
		if ($size == 0 && $coded =~ s/\A\r\n//) {
			$$rest = $coded;
			return 1;
		}
		$partial = $size == 0 ? length $coded < 2
		    : length $coded < $size + 2;
		last if $size == 0 || $partial;
		$self->{body} .= substr $coded, 0, $size, '';
		$coded =~ s/\A\r\n// or die "a chunk without end\n";
		$self->{chunks}++;
	}
	die "not a chunk: $coded\n" if !$partial && $coded =~ /\n/;
	return unless $at_end;
	$self->{cut} = 1;
	$$rest = '';
	return 1;
}

# All values of a field, one a line.
sub values {
	my ($self, $name) = @_;
	return map { $_->[1] } grep { lc $_->[0] eq lc $name }
	    @{$self->{fields}};
}

# A field's value, its lines joined; undef when absent.
sub field {
	my ($self, $name) = @_;
	my @values = $self->values($name);
	return @values ? join(', ', @values) : undef;
}

1;
