# frozen_string_literal: true

# Puts the questions on standard input to the dsas.rb given as the only argument: JSON in, JSON out.
require 'json'
require ARGV[0]

NAMES = { 'is' => :is?, 'in_service' => :in_service?, 'name' => :name_of }.freeze
answers = JSON.parse($stdin.read.force_encoding('UTF-8')).map do |name, _, arguments|
  { answer: DSAS.public_send(NAMES.fetch(name, name), *arguments) }
rescue DSAS::Error => e
  { error: e.class.name }
end
print JSON.generate(answers)
